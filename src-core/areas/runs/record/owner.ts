import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { AppError } from "../../../contract/errors.ts";
import { processIdentity } from "../../../contract/schema-parts.ts";
import { writeJsonDurable } from "../../../foundation/files/durable.ts";
import { isKnownDead, ownIdentity } from "../../../foundation/files/process-identity.ts";
import { type HeldLock, isLocked, tryLock } from "../../../foundation/locks/process-lock.ts";

/**
 * The right to execute a run: `owner.json` in its folder names the process, which holds the kernel's lock on `owner.lock` while it lives. Any
 * user and container sees that lock, and a copy of the folder doesn't have it. An owned run is never closed by another process.
 */

const ownerFile = (runDir: string): string => path.join(runDir, "owner.json");
const lockFile = (runDir: string): string => path.join(runDir, "owner.lock");

const held = new Map<string, HeldLock>();
/** Who only looks whether the lock is held has it for a moment. */
const lockWaitMs = 5000;

/** @throws runs/active if another process executes it */
export function takeRun(runDir: string): void {
  const lock = held.get(runDir) ?? tryLock(lockFile(runDir), lockWaitMs);
  if (lock === undefined)
    throw new AppError({
      code: "runs/active",
      message: `Another process executes the run in ${runDir}.`,
      hint: "Wait until it has ended.",
      details: { runDir },
    });
  held.set(runDir, lock);
  writeJsonDurable(ownerFile(runDir), ownIdentity());
}

export function releaseRun(runDir: string): void {
  rmSync(ownerFile(runDir), { force: true });
  letGo(runDir);
}

function letGo(runDir: string): void {
  held.get(runDir)?.release();
  held.delete(runDir);
}

/** Gives up a run that this process has closed but whose outcome must still be sent to MLflow. */
export function abandonRun(runDir: string): void {
  try {
    writeJsonDurable(ownerFile(runDir), { owner: null });
  } catch {
    // On a full disk, the existing file means the same once this process has ended.
  }
  letGo(runDir);
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

/** Checks whether a process executes the run, of whatever user or container. */
export function isOwned(runDir: string): boolean {
  return existsSync(ownerFile(runDir)) && (held.has(runDir) || isLocked(lockFile(runDir)));
}

/** Checks whether a live process executes the run in another folder, of which this one is a copy: what becomes of it is decided there. */
export function isOwnedElsewhere(runDir: string): boolean {
  if (!existsSync(ownerFile(runDir)) || isOwned(runDir)) return false;
  try {
    const owner = processIdentity.safeParse(JSON.parse(readFileSync(ownerFile(runDir), "utf8")));
    return owner.success && !isKnownDead(owner.data);
  } catch {
    return false;
  }
}
