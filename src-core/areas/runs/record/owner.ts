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

/** Leaves a run as nobody's that this process closed and that MLflow must still hear of. */
export function abandonRun(runDir: string): void {
  try {
    writeJsonDurable(ownerFile(runDir), { owner: null });
  } catch {
    // A full disk: the file that is there says the same once this process has ended.
  }
}

/**
 * True for a run that nobody owns and nobody released: where it has ended, MLflow may not know. The outbox's row is what counts; it is
 * made from this again where the catalogue was lost.
 */
export function isAbandoned(runDir: string): boolean {
  return existsSync(ownerFile(runDir)) && !isOwned(runDir);
}

/** Makes sure that a run whose process died counts as abandoned, unless another process took it meanwhile. */
export function markAbandoned(runDir: string): void {
  if (existsSync(runDir) && !existsSync(ownerFile(runDir))) abandonRun(runDir);
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
