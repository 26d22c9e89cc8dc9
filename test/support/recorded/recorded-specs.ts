import path from "node:path";
import { appRoot } from "../../../src-core/foundation/files/entry-points.ts";

/** A recorded specification; the trainer's tests read the same files. */
export function recordedSpec(name: string): string {
  return path.join(appRoot, "fixtures", "trainer-specs", `${name}.json`);
}

/** A specification without what differs from run to run: the project's path, identities and digests. */
export function steadySpec(text: string, project: string): string {
  return text
    .replaceAll(project, "/project")
    .replace(/\b[0-9a-f]{64}\b/g, (digest) => "0".repeat(digest.length))
    .replace(/\b[0-9a-f]{32}\b/g, (id) => "0".repeat(id.length));
}
