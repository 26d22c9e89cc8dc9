import { statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Core } from "../../foundation/context.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import { adoptOperations } from "./adopt-operations.ts";
import { capLog } from "./cap-log.ts";
import { releaseLease, takeLease } from "./lease-store.ts";
import type { OperationsNeeds } from "./needs.ts";
import { hasQueued, takeQueued } from "./operation-store.ts";
import { type Execute, runOperation } from "./run-operation.ts";
import { supervisorLease, supervisorLog } from "./start-supervisor.ts";

export interface SupervisorLoop {
  readonly core: Pick<Core, "catalogue" | "clock" | "projectDir">;
  readonly execute: Execute;
  readonly needs: OperationsNeeds;
  /** Leaves after so long without an operation, in milliseconds. */
  readonly idleMs: number;
  /** Operations at once. */
  readonly concurrency?: number;
  /** False once the program on disk is another (an update, a new build): the loop then leaves between two operations. */
  readonly isProgramCurrent?: () => boolean;
}

const pollMs = 100;
const logCheckMs = 5000;

/**
 * The supervisor of one project: takes the lease, goes on with what a dead one left, runs queued operations in order, and
 * leaves when idle. Returns "taken" at once where another one lives, "idle" when it left by itself, and "replaced" when the
 * catalogue it works on is no longer the project's (deleted or rebuilt) or its program is no longer the one on disk: whoever
 * asks or follows next starts anew.
 */
export async function runSupervisorLoop(loop: SupervisorLoop): Promise<"taken" | "idle" | "replaced"> {
  const { core, execute, idleMs, concurrency = 1 } = loop;
  const catalogue = core.catalogue();
  if (!takeLease(catalogue, supervisorLease, core.clock.now())) return "taken";
  await adoptOperations(core, loop.needs);

  const opened = inode(core);
  const working = new Set<Promise<void>>();
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  let idleSince = performance.now();
  let logChecked = Number.NEGATIVE_INFINITY;
  for (;;) {
    if (inode(core) !== opened) return "replaced";
    if (working.size === 0 && loop.isProgramCurrent?.() === false) {
      releaseLease(catalogue, supervisorLease, () => false);
      return "replaced";
    }
    while (working.size < concurrency) {
      const row = takeQueued(catalogue, core.clock.now());
      if (row === undefined) break;
      const work = runOperation(core, execute, row);
      const done = work.catch(failure.reject).finally(() => working.delete(done));
      working.add(done);
    }
    if (working.size > 0) idleSince = performance.now();
    // In one transaction with the look at the queue: whoever queues later finds the lease gone and starts the next one.
    else if (performance.now() - idleSince >= idleMs && releaseLease(catalogue, supervisorLease, hasQueued))
      return "idle";
    if (performance.now() - logChecked >= logCheckMs) {
      capLog(supervisorLog(core.projectDir));
      logChecked = performance.now();
    }
    await Promise.race([pause(pollMs), failure.promise, ...working]);
  }
}

function inode(core: Pick<Core, "projectDir">): number | undefined {
  return statSync(projectPaths(core.projectDir).catalogueFile, { throwIfNoEntry: false })?.ino;
}
