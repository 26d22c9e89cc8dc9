import { cancelJobsOf, settleDeadJobs } from "../areas/jobs/settle-jobs.ts";
import type { OperationsNeeds } from "../areas/operations/needs.ts";
import type { Core } from "../foundation/context.ts";
import type { Executor } from "../foundation/exec/executor.ts";

/** What the supervisor's loop needs of jobs. */
export function operationsNeeds(core: Pick<Core, "catalogue" | "clock">, executor: Executor): OperationsNeeds {
  return {
    settleDeadJobs: () => settleDeadJobs(core, executor),
    cancelJobsOf: (runId) => cancelJobsOf(core, executor, runId),
  };
}
