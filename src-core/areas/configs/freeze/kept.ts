import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type ConfigKind, keptPath, versionPath } from "../../../contract/configs/config-kinds.ts";
import { fileDigest, sha256 } from "../../../foundation/files/digest.ts";
import { fileError, writeFileDurable } from "../../../foundation/files/durable.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";

/** The content of used versions, kept beside them: what a run used can be restored and repeated whatever happened to the file. */

interface Version {
  readonly kind: ConfigKind;
  readonly version: number;
  readonly digest: string;
}

export function isKept({ root }: Pick<ProjectPaths, "root">, { kind, version, digest }: Version): boolean {
  const file = path.join(root, keptPath(kind, version));
  return existsSync(file) && fileDigest(file) === digest;
}

/** Keeps the version's file as it is, unless it was changed since it was resolved: then the run stops for that. @throws files/* */
export function keepVersion(paths: Pick<ProjectPaths, "root">, used: Version): void {
  if (isKept(paths, used)) return;
  const file = path.join(paths.root, versionPath(used.kind, used.version));
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw fileError(error, "read", file);
  }
  if (sha256(bytes) === used.digest) writeFileDurable(path.join(paths.root, keptPath(used.kind, used.version)), bytes);
}
