import { cancelJobsOf, settleDeadJobs } from "../areas/jobs/settle-jobs.ts";
import type { OperationsNeeds } from "../areas/operations/needs.ts";
import type { Core } from "../foundation/context.ts";

/** What the supervisor's loop needs of jobs. */
export function operationsNeeds(core: Pick<Core, "catalogue" | "clock" | "place">): OperationsNeeds {
  return {
    settleDeadJobs: () => settleDeadJobs(core, core.place),
    cancelJobsOf: (runId) => cancelJobsOf(core, core.place, runId),
  };
}
