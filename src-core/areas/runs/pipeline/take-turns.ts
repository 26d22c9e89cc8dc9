import type { StageContext } from "../../../foundation/context.ts";
import { locksOf, lookAgain } from "../../../foundation/exec/named-locks.ts";
import { currentOperation } from "../../operations/current-operation.ts";
import type { SplitContext } from "../../splits/split-context.ts";
import type { MakeAlone } from "../../splits/split-stage.ts";
import { lockWaiting, splitLock } from "./run-locks.ts";

/** Runs are worked on side by side; what they share is changed by one of them while the others wait. */
export async function inTurn<T>(context: StageContext, lock: string, work: () => Promise<T>): Promise<T> {
  const waiting = lockWaiting(context, currentOperation() ?? `run ${context.runId.slice(0, 8)}`);
  const hold = await locksOf(context.core.projectDir).take([{ name: lock }], waiting);
  try {
    return await work();
  } finally {
    hold.release();
  }
}

/**
 * How a split is made anew: while nobody else has to do with its files. A run shares them as long as it is worked on, and a routing operation,
 * which reads them for as long as it lasts, is waited for; the jobs of a plan are part of one.
 */
export function splitMaker(context: SplitContext & Partial<StageContext>): MakeAlone {
  const { core, configs, hold, planRun, runId } = context;
  const name = splitLock(configs.split.version);
  const waiting = lockWaiting(context, currentOperation() ?? `run ${runId?.slice(0, 8) ?? ""}`);
  return async (work) => {
    if (hold !== undefined) {
      const made = await hold.alone(planRun === undefined ? ["routing", name] : [name], waiting, work);
      return made === lookAgain ? undefined : made;
    }
    let hasWaited = false;
    const onWait: typeof waiting.onWait = (blocker) => {
      hasWaited = true;
      waiting.onWait(blocker);
    };
    const own = await locksOf(core.projectDir).take([{ name }], { ...waiting, onWait });
    try {
      return hasWaited ? undefined : await work();
    } finally {
      own.release();
    }
  };
}
