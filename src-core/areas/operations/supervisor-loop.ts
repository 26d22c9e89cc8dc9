import { statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { LockWish } from "../../contract/operation.ts";
import type { CatalogueReader } from "../../foundation/catalogue/open.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import { tryLock } from "../../foundation/locks/process-lock.ts";
import { adoptOperations, leaveToOriginal } from "./adopt-operations.ts";
import { capLog } from "./cap-log.ts";
import type { HeldCredentials } from "./held-credentials.ts";
import { releaseLease, takeLease } from "./lease-store.ts";
import type { SupervisorCore } from "./needs.ts";
import { hasReady, noteLostCredentials, type StoredOperation } from "./operation-store.ts";
import type { QuestionBoard } from "./question-board.ts";
import type { Execute } from "./run-operation.ts";
import { isSupervised, supervisorLease, supervisorLock, supervisorLog } from "./start-supervisor.ts";
import { createQueue } from "./take-ready.ts";

export interface SupervisorLoop {
  readonly core: SupervisorCore;
  readonly execute: Execute;
  /** Leaves after so long without an operation, in milliseconds. */
  readonly idleMs: number;
  /** Operations at once. */
  readonly concurrency?: number;
  /** What an operation locks while it runs; nothing by default. */
  readonly locksOf?: (row: StoredOperation) => Promise<readonly LockWish[]>;
  readonly questions?: QuestionBoard;
  readonly credentials: HeldCredentials;
  /** False once the program on disk is another (an update, a new build): the loop then takes no new operation and leaves after the last. */
  readonly isProgramCurrent?: () => boolean;
  /** Called once the project's lock is held; what it returns is called when the loop ends. */
  readonly onBegin?: () => Promise<() => Promise<void>>;
}

const pollMs = 100;
const logCheckMs = 5000;
/** Another supervisor that leaves at this moment lets go of the project's lock within this time. */
const lockWaitMs = 5000;

/**
 * The supervisor of one project: takes the project's lock and the lease, resumes what a dead one left, runs queued operations, several
 * at once where their locks allow it, and leaves when idle. Returns "taken" where another one lives, "idle" when it left by itself, and
 * "replaced" when the catalogue it works on is no longer the project's (deleted or rebuilt) or its program is no longer the one on disk:
 * the next request or follower starts another one.
 */
export async function runSupervisorLoop(loop: SupervisorLoop): Promise<"taken" | "idle" | "replaced"> {
  const { core } = loop;
  // Which catalogue is the project's is settled before the lock: it is in the same folder.
  const catalogue = core.catalogue();
  if (isSupervised(core)) return "taken";
  const lock = tryLock(supervisorLock(core.projectDir), lockWaitMs);
  if (lock === undefined) return "taken";
  try {
    if (takeLease(catalogue, supervisorLease, core.clock.now())) leaveToOriginal(core);
    // Before any can be given.
    noteLostCredentials(catalogue);
    const end = await loop.onBegin?.();
    try {
      return await superviseUntilEnd(loop);
    } finally {
      await end?.();
    }
  } finally {
    lock.release();
  }
}

async function superviseUntilEnd(loop: SupervisorLoop): Promise<"idle" | "replaced"> {
  const { core, idleMs } = loop;
  const catalogue = core.catalogue();
  await adoptOperations(core);

  const opened = inode(core);
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  const queue = createQueue(loop, failure.reject);
  const isNeeded = (reader: CatalogueReader) => hasReady(reader, core.projectDir);
  let idleSince = performance.now();
  let logChecked = Number.NEGATIVE_INFINITY;
  for (;;) {
    if (inode(core) !== opened) {
      // Where the project was moved, this is still its catalogue: without the lease the next supervisor doesn't take the folder for a copy.
      releaseLease(catalogue, supervisorLease);
      return "replaced";
    }
    const isCurrent = loop.isProgramCurrent?.() !== false;
    if (!isCurrent && queue.working.size === 0) {
      releaseLease(catalogue, supervisorLease);
      return "replaced";
    }
    if (isCurrent) await queue.takeReady();
    if (queue.working.size > 0) idleSince = performance.now();
    // In one transaction with the check of the queue: a face that queues later finds no lease and starts the next one.
    else if (performance.now() - idleSince >= idleMs && releaseLease(catalogue, supervisorLease, isNeeded))
      return "idle";
    if (performance.now() - logChecked >= logCheckMs) {
      capLog(supervisorLog(core.projectDir));
      logChecked = performance.now();
    }
    await Promise.race([pause(pollMs), failure.promise, ...queue.working]);
  }
}

function inode(core: Pick<SupervisorCore, "projectDir">): number | undefined {
  return statSync(projectPaths(core.projectDir).catalogueFile, { throwIfNoEntry: false })?.ino;
}
