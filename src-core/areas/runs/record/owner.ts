import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { processIdentity } from "../../../contract/schema-parts.ts";
import { writeJsonDurable } from "../../../foundation/files/durable.ts";
import { isSameProcessAlive, ownIdentity } from "../../../foundation/files/process-identity.ts";

/** The lease on a run: `owner.json` in its folder names the process that works on it. Nobody settles a run whose owner lives. */

const ownerFile = (runDir: string): string => path.join(runDir, "owner.json");

export function takeRun(runDir: string): void {
  writeJsonDurable(ownerFile(runDir), ownIdentity());
}

export function releaseRun(runDir: string): void {
  rmSync(ownerFile(runDir), { force: true });
}

/** Leaves a closed run as nobody's, its file being the mark that MLflow wasn't told. */
export function leaveUntold(runDir: string): void {
  try {
    writeJsonDurable(ownerFile(runDir), { untold: true });
  } catch {
    // A full disk: the file that is there says the same once this process has ended.
  }
}

/** True for a run whose ending MLflow may not know: nobody owns it, and nobody released it. */
export function isUntold(runDir: string): boolean {
  return existsSync(ownerFile(runDir)) && !isOwned(runDir);
}

/** True while the process that took the run lives. A broken file is nobody's. */
export function isOwned(runDir: string): boolean {
  if (!existsSync(ownerFile(runDir))) return false;
  try {
    const owner = processIdentity.safeParse(JSON.parse(readFileSync(ownerFile(runDir), "utf8")));
    return owner.success && isSameProcessAlive(owner.data);
  } catch {
    return false;
  }
}
