import path from "node:path";
import type { OperationOutput } from "../../contract/index.ts";
import { activeOperations } from "../operations/active-store.ts";
import type { RunsCore } from "./needs.ts";
import { findRun } from "./record/find-run.ts";
import { isOwned } from "./record/owner.ts";
import { settleAndTell } from "./record/settle.ts";
import type { RunRow } from "./store.ts";

/**
 * Cancels the operation of a run and waits until it has stopped, also one that is about to continue a stopped run. A run without a process
 * only gets its outcome recorded.
 */
export async function cancelRun(
  core: Pick<RunsCore, "catalogue" | "clock" | "jobs" | "operations" | "outbox" | "project">,
  reference: string,
): Promise<OperationOutput<"runs.cancel">> {
  await settleAndTell(core);
  const run = findRun(core.catalogue(), reference);
  const working = activeOperations(core.catalogue()).findLast(({ runId }) => runId === run.runId);
  if (run.status !== "RUNNING" && working === undefined) {
    // The process that had started them is gone; they outlived it.
    const jobs = await core.jobs.cancelOf(run.runId);
    const stopped = jobs === 0 ? "" : " Its job, which was still at work, was cancelled.";
    const message = `Run #${run.number} is not running: it is ${run.status}.${stopped}`;
    return { runId: run.runId, status: run.status, message };
  }
  if (working !== undefined) await core.operations.cancel(working.id);
  const after = findRun(core.catalogue(), run.runId);
  const isStill = after.status === "RUNNING" && isOwned(path.join(core.project().paths.runs, run.runId));
  const message = isStill
    ? `Run #${run.number} is executed by a process that can't be cancelled; end that process.`
    : endOf(run.number, after);
  return { runId: run.runId, status: after.status, message };
}

function endOf(number: number, { status, isResumable }: Pick<RunRow, "status" | "isResumable">): string {
  if (status !== "KILLED") return `Run #${number} has ended: it is ${status}.`;
  return `Run #${number} was cancelled.${isResumable ? " It can be resumed after its last finished stage." : ""}`;
}
