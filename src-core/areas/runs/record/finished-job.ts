import type { PlanRun } from "../../../contract/routing/plan-run.ts";
import type { TrainResult } from "../../../contract/runs/stage-results.ts";
import type { Core, RunsOffer } from "../../../foundation/context.ts";
import { finishedRunsOfJob } from "../store.ts";

/** A run that executed a job of a plan to its end. */
export interface FinishedJob {
  readonly runId: string;
  readonly planRun: PlanRun;
  readonly train: TrainResult;
}

/** The newest run that executed a plan's job to its end on the same data; undefined where none did. */
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
