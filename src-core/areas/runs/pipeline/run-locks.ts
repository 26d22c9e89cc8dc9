import type { OperationContext } from "../../../contract/operation.ts";
import type { Core } from "../../../foundation/context.ts";
import { type Blocker, type Hold, locksOf } from "../../../foundation/exec/named-locks.ts";
import { currentOperation } from "../../operations/current-operation.ts";

/** What is held while a run is worked on: runs of equal versions go on from each other, and its split's files stay what they are. */

interface LockedRun {
  readonly fingerprint: string;
  readonly splitVersion: number;
}

export function splitLock(version: number): string {
  return `split v${version}`;
}

/**
 * Works on a run while no run of equal versions is worked on here, and nobody makes its split anew; `hold` lets its own split stage do that.
 * One lock after the other: who waits for a run of equal versions must not hold up a split that this run wants to make.
 */
export async function withRunLocks<T>(
  { projectDir }: Pick<Core, "projectDir">,
  { fingerprint, splitVersion, context }: LockedRun & { readonly context: OperationContext },
  work: (hold: Hold) => Promise<T>,
): Promise<T> {
  const locks = locksOf(projectDir);
  const run = `run ${fingerprint.slice(0, 12)}`;
  const waiting = lockWaiting(context, currentOperation() ?? run);
  const whole = await locks.take([{ name: run }], waiting);
  try {
    const hold = await locks.take([{ name: splitLock(splitVersion), isShared: true }], waiting);
    try {
      return await work(hold);
    } finally {
      hold.release();
    }
  } finally {
    whole.release();
  }
}

/** How one waits for a lock: cancellable, and telling who holds it. */
export function lockWaiting({ signal, report }: OperationContext, holder: string) {
  return {
    holder,
    signal,
    onWait: ({ lock, holder: other }: Blocker) => report({ message: `waits for ${other} (${lock})` }),
  };
}
