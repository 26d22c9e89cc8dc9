import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { processIdentity } from "../../../contract/schema-parts.ts";
import { writeJsonDurable } from "../../../foundation/files/durable.ts";
import { isSameProcessAlive, ownIdentity } from "../../../foundation/files/process-identity.ts";

/** The lease on a run: `owner.json` in its folder names the process that executes it. A run with a live owner is never closed by another process. */

const ownerFile = (runDir: string): string => path.join(runDir, "owner.json");

export function takeRun(runDir: string): void {
  writeJsonDurable(ownerFile(runDir), ownIdentity());
}

export function releaseRun(runDir: string): void {
  rmSync(ownerFile(runDir), { force: true });
}

/** Gives up a run that this process has closed but whose outcome must still be sent to MLflow. */
export function abandonRun(runDir: string): void {
  try {
    writeJsonDurable(ownerFile(runDir), { owner: null });
  } catch {
    // On a full disk, the existing file means the same once this process has ended.
  }
}

/**
 * Checks whether a run has no live owner but wasn't released. If it has ended, its outcome may not have reached MLflow. The row of the outbox
 * is authoritative; if the catalogue was lost, it is restored from this.
 */
export function isAbandoned(runDir: string): boolean {
  return existsSync(ownerFile(runDir)) && !isOwned(runDir);
}

/** Marks a run whose process was killed as abandoned, unless another process owns it meanwhile. */
export function markAbandoned(runDir: string): void {
  if (existsSync(runDir) && !existsSync(ownerFile(runDir))) abandonRun(runDir);
}

/** Checks whether the owner of the run is alive. An unreadable file means there is no owner. */
export function isOwned(runDir: string): boolean {
  if (!existsSync(ownerFile(runDir))) return false;
  try {
    const owner = processIdentity.safeParse(JSON.parse(readFileSync(ownerFile(runDir), "utf8")));
    return owner.success && isSameProcessAlive(owner.data);
  } catch {
    return false;
  }
}
