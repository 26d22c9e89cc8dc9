import type { LockWish } from "../../contract/operation.ts";
import type { Core } from "../../foundation/context.ts";
import { type Blocker, blockerOf, type Claim, type Hold, isHold, locksOf } from "../../foundation/exec/named-locks.ts";
import { queuedOperations, type StoredOperation, takeQueued } from "./operation-store.ts";
import { openProgressLog, progressFile } from "./progress-log.ts";
import { type Running, runOperation } from "./run-operation.ts";

export interface Queue {
  /** Each settles when its operation has ended. */
  readonly working: ReadonlySet<Promise<void>>;
  /** Takes what may run now, and reports to the others what they wait for. */
  takeReady(): Promise<void>;
}

interface QueueParts extends Running {
  readonly core: Pick<Core, "catalogue" | "clock" | "projectDir">;
  readonly concurrency?: number;
  readonly locksOf?: (row: StoredOperation) => Promise<readonly LockWish[]>;
}

const noLocks = async (): Promise<readonly LockWish[]> => [];

/**
 * The queue of a project: in the order of asking; one whose locks are held waits as it is, queued, and is passed only by those that have no
 * lock in common with it.
 */
export function createQueue(parts: QueueParts, onFailure: (error: unknown) => void): Queue {
  const { core, concurrency = 1, locksOf: wishesOf = noLocks } = parts;
  const working = new Set<Promise<void>>();
  const locks = locksOf(core.projectDir);
  const reported = new Map<string, string>();

  const run = (row: StoredOperation, hold: Hold) => {
    const work = runOperation(core, parts, row).finally(() => hold.release());
    const done = work.catch(onFailure).finally(() => working.delete(done));
    working.add(done);
  };
  const tellWaiting = ({ id }: StoredOperation, { lock, holder }: Blocker) => {
    const message = `waits for ${holder} (${lock})`;
    if (reported.get(id) === message) return;
    reported.set(id, message);
    const log = openProgressLog(progressFile(core.projectDir, id));
    log.write({ message });
    log.close();
  };

  return {
    working,
    takeReady: async () => {
      if (working.size >= concurrency) return;
      /** Those that must wait: no later operation gets their locks before them. */
      const waiting: Claim[] = [];
      for (const row of queuedOperations(core.catalogue())) {
        if (working.size >= concurrency) return;
        const wishes = await wishesOf(row);
        const taken = blockerOf(wishes, waiting) ?? locks.tryTake(wishes, row.id);
        if (!isHold(taken)) {
          tellWaiting(row, taken);
          waiting.push({ wishes, holder: row.id });
          continue;
        }
        reported.delete(row.id);
        const mine = takeQueued(core.catalogue(), core.clock.now(), row.id);
        if (mine === undefined) taken.release();
        else run(mine, taken);
      }
    },
  };
}
