import type { LockWish } from "../../contract/operation.ts";
import type { Core } from "../../foundation/context.ts";
import { type Blocker, blockerOf, type Claim, type Hold, isHold, locksOf } from "../../foundation/exec/named-locks.ts";
import type { HeldCredentials } from "./held-credentials.ts";
import { isLeftToOwner, queuedOperations, type StoredOperation, takeQueued } from "./operation-store.ts";
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
  readonly credentials: HeldCredentials;
  readonly concurrency?: number;
  readonly locksOf?: (row: StoredOperation) => Promise<readonly LockWish[]>;
}

const handOverMs = 2000;
const needText = "needs credentials: follow it where the credentials are set that it was started with";
const rootText = "waits until the project's supervisor, which root started (sudo), has nothing to do and ends";
const waitText = ({ lock, holder }: Blocker) => `waits for ${holder} (${lock})`;

const noLocks = async (): Promise<readonly LockWish[]> => [];

/**
 * The queue of a project: in the order of asking; one whose locks are held waits as it is, queued, and is passed only by those that have no
 * lock in common with it. One whose credentials aren't here waits too, and is passed by all.
 */
export function createQueue(parts: QueueParts, onFailure: (error: unknown) => void): Queue {
  const { core, credentials, concurrency = 1, locksOf: wishesOf = noLocks } = parts;
  const working = new Set<Promise<void>>();
  const locks = locksOf(core.projectDir);
  const running = new Set<string>();
  const reported = new Map<string, string>();

  const run = (row: StoredOperation, hold: Hold) => {
    running.add(row.id);
    const work = runOperation(core, parts, row).finally(() => {
      hold.release();
      running.delete(row.id);
      credentials.forget(row.id);
    });
    const done = work.catch(onFailure).finally(() => working.delete(done));
    working.add(done);
  };
  const tell = (id: string, message: string) => {
    if (reported.get(id) === message) return;
    reported.set(id, message);
    const log = openProgressLog(progressFile(core.projectDir, id));
    log.write({ message });
    log.close();
  };
  /** One that was just requested gets its credentials in a moment; one that has begun before lost them. */
  const tellNeed = ({ id, startedAt, requestedAt }: StoredOperation) => {
    if (startedAt !== null || core.clock.now().getTime() - requestedAt > handOverMs) tell(id, needText);
  };

  return {
    working,
    takeReady: async () => {
      if (working.size >= concurrency) return;
      /** Those that must wait: no later operation gets their locks before them. */
      const waiting: Claim[] = [];
      const queued = queuedOperations(core.catalogue());
      credentials.keepOnly(new Set([...running, ...queued.map(({ id }) => id)]));
      for (const row of queued) {
        if (working.size >= concurrency) return;
        // It may wait for ever: others don't wait for it.
        if (credentials.of(row) === undefined) {
          tellNeed(row);
          continue;
        }
        if (isLeftToOwner(core.projectDir, row)) {
          tell(row.id, rootText);
          continue;
        }
        const wishes = await wishesOf(row);
        const taken = blockerOf(wishes, waiting) ?? locks.tryTake(wishes, row.id);
        if (!isHold(taken)) {
          tell(row.id, waitText(taken));
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
