import { setTimeout as sleep } from "node:timers/promises";
import { cancelled } from "../../contract/errors.ts";
import { tryLock } from "./process-lock.ts";

const pollMs = 100;

interface Waiting {
  /** Called once where another process holds it. */
  readonly onWait?: () => void;
  readonly signal?: AbortSignal | undefined;
}

/** Runs `work` while no other process, of whatever user or container, holds the lock file. @throws files/*, internal/cancelled */
export async function alone<T>(file: string, work: () => Promise<T>, { onWait, signal }: Waiting = {}): Promise<T> {
  let isAnnounced = false;
  for (;;) {
    const lock = tryLock(file);
    if (lock !== undefined) {
      try {
        return await work();
      } finally {
        lock.release();
      }
    }
    if (signal?.aborted) throw cancelled();
    if (!isAnnounced) onWait?.();
    isAnnounced = true;
    await sleep(pollMs);
  }
}
