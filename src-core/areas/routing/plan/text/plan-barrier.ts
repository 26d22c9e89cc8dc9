import type { PlanJob } from "../../../../contract/routing/routing-plans.ts";

/**
 * In a plan's file, "every stage-1 job of this target but its ensembles" instead of their ids. Each of a thousand
 * segments' stage-2 jobs starts after all thousand stage-1 jobs: written out, the file would grow with the square.
 */
const stageOneMark = "stage-1";

/** Ids of each target's stage-1 jobs that fit a model, in the plan's order. */
function stageOneIds(jobs: readonly PlanJob[]): ReadonlyMap<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const job of jobs) {
    if (job.stage !== 1 || job.training_type === "ensemble") continue;
    const known = ids.get(job.target);
    if (known === undefined) ids.set(job.target, [job.job_id]);
    else known.push(job.job_id);
  }
  return ids;
}

/** Whether `starts_after` is a target's whole stage 1; shared arrays are compared once. */
function barrierTest(jobs: readonly PlanJob[]): (job: PlanJob) => boolean {
  const ids = stageOneIds(jobs);
  const answers = new WeakMap<readonly string[], boolean>();
  return ({ target, starts_after }) => {
    if (starts_after.length === 0) return false;
    const known = answers.get(starts_after);
    if (known !== undefined) return known;
    const all = ids.get(target) ?? [];
    const isAll = all.length === starts_after.length && all.every((id, index) => id === starts_after[index]);
    answers.set(starts_after, isAll);
    return isAll;
  };
}

/** The jobs as they are in the file. */
export function withBarriers(jobs: readonly PlanJob[]): readonly PlanJob[] {
  const isBarrier = barrierTest(jobs);
  return jobs.map((job) => (isBarrier(job) ? { ...job, starts_after: [stageOneMark] } : job));
}

/** The jobs with their ids instead of the mark; those of a target share one array. */
export function withoutBarriers(jobs: readonly PlanJob[]): PlanJob[] {
  const ids = stageOneIds(jobs);
  return jobs.map((job) =>
    job.starts_after.length === 1 && job.starts_after[0] === stageOneMark
      ? { ...job, starts_after: ids.get(job.target) ?? [] }
      : job,
  );
}
