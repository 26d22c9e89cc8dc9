import type { PlanJob, TrainingPlan } from "../contract/routing-plans.ts";

type Summary = TrainingPlan["summary"];

function countBy(jobs: readonly PlanJob[], keyOf: (job: PlanJob) => string): Record<string, number> {
  const counts = new Map<string, number>();
  for (const job of jobs) counts.set(keyOf(job), (counts.get(keyOf(job)) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Null as soon as one job's time isn't known: a sum of the others would look like all of it. */
function secondsOf(jobs: readonly PlanJob[]): number | null {
  let sum = 0;
  for (const { estimated_seconds } of jobs) {
    if (estimated_seconds === null) return null;
    sum += estimated_seconds;
  }
  return Math.round(sum * 10) / 10;
}

function hoursOf(jobs: readonly PlanJob[]): number | null {
  const seconds = secondsOf(jobs);
  return seconds === null ? null : Math.round((seconds / 3600) * 1e4) / 1e4;
}

export function summarise(jobs: readonly PlanJob[]): Summary {
  return {
    by_route: countBy(jobs, ({ route }) => route),
    by_type: countBy(jobs, ({ training_type }) => training_type),
    by_priority: countBy(jobs, ({ priority }) => String(priority)),
    totals: {
      jobs: jobs.length,
      targets: new Set(jobs.map(({ target }) => target)).size,
      symbols: new Set(jobs.flatMap(({ symbol }) => symbol ?? [])).size,
      estimated_seconds: secondsOf(jobs),
      cpu_hours: hoursOf(jobs.filter(({ resources }) => resources.device === "cpu")),
      gpu_hours: hoursOf(jobs.filter(({ resources }) => resources.device === "gpu")),
    },
  };
}
