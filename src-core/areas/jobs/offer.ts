import type { Core, JobsOffer, OperationsOffer } from "../../foundation/context.ts";
import { jobRecord } from "./store.ts";

export function jobsOffer(
  core: Pick<Core, "catalogue" | "clock" | "place" | "projectDir"> & {
    readonly operations: Pick<OperationsOffer, "linkRun">;
  },
): JobsOffer {
  return {
    record: () => jobRecord({ ...core, catalogue: core.catalogue() }, core.operations.linkRun),
    settleDead: async () => (await import("./settle-jobs.ts")).settleDeadJobs(core, core.place),
    cancelOf: async (runId) => await (await import("./settle-jobs.ts")).cancelJobsOf(core, core.place, runId),
  };
}
