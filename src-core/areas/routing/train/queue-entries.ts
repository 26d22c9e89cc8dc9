import type { QueueRow } from "../../../contract/routing/routing-output.ts";
import type { PlanJob } from "../../../contract/routing/routing-plans.ts";
import { viewName } from "../../../contract/routing/view-name.ts";
import type { FinishedJob } from "../../../foundation/context.ts";
import { explainNotSelected, type JobFilter } from "./job-filter.ts";
import type { QueuedJob } from "./job-queue.ts";
import { leastMemoryGib } from "./queue-limits.ts";

/** One job of the queue: what the plan says of it, and its state. */
export interface Entry {
  readonly job: PlanJob;
  row: QueueRow;
  finished: FinishedJob | undefined;
}

/** A job that isn't selected still counts as a parent if it was trained before. */
export function unselectedState(finished: FinishedJob | undefined, filter: JobFilter): Pick<QueueRow, "state" | "why"> {
  return { state: finished === undefined ? "skipped" : "succeeded", why: explainNotSelected(filter) };
}

export function newRow(
  job: PlanJob,
  it: Pick<QueueRow, "state" | "why"> & Partial<Pick<QueueRow, "isAsked">>,
): QueueRow {
  return {
    jobId: job.job_id,
    target: job.target,
    symbol: job.symbol,
    trainingType: job.training_type,
    stage: job.stage,
    route: job.route,
    priority: job.priority,
    executor: "local",
    family: null,
    runId: null,
    runNumber: null,
    isAsked: true,
    isReused: false,
    verdict: null,
    isPromoted: false,
    modelName: null,
    modelVersion: null,
    estimatedSeconds: job.estimated_seconds,
    seconds: null,
    ...it,
  };
}

/** "arr_delay/UA (stage 2)", for people. */
export const jobName = (job: Pick<PlanJob, "target" | "symbol" | "training_type" | "stage">): string => {
  const kind = job.training_type === "ensemble" ? " (ensemble)" : job.stage === 2 ? " (stage 2)" : "";
  return `${job.target}/${viewName(job.symbol)}${kind}`;
};

/** The queue in the form that its rules use. */
export function queuedJobs(entries: ReadonlyMap<string, Entry>): ReadonlyMap<string, QueuedJob> {
  return new Map(
    [...entries].map(([id, { job, row }]): [string, QueuedJob] => [
      id,
      {
        id,
        name: jobName(job),
        priority: job.priority,
        dependsOn: job.depends_on,
        startsAfter: job.starts_after,
        memoryGib: Math.max(leastMemoryGib, job.resources.memory_gib),
        state: row.state,
        isAsked: row.isAsked,
      },
    ]),
  );
}

export function rowsOf(entries: ReadonlyMap<string, Entry>): QueueRow[] {
  return [...entries.values()].map(({ row }) => row);
}
