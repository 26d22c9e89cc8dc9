import type { Core, FinishedJob, RunsOffer } from "../../../foundation/context.ts";
import { finishedRunsOfJob } from "../store.ts";

/** Finds the newest finished run of a plan's job on the same data; undefined if there is none. */
export function findFinishedJob(
  core: Pick<Core, "catalogue"> & { readonly runs: Pick<RunsOffer, "results" | "planRun"> },
  jobId: string,
  dataHash: string,
): FinishedJob | undefined {
  for (const { runId } of finishedRunsOfJob(core.catalogue(), jobId)) {
    const planRun = core.runs.planRun(runId);
    const { train } = core.runs.results(runId);
    if (planRun?.dataHash === dataHash && train !== undefined) return { runId, planRun, train };
  }
  return undefined;
}
