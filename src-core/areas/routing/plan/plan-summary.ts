import type { PlanJob, TrainingPlan } from "../../../contract/routing/routing-plans.ts";

type Summary = TrainingPlan["summary"];

function sorted(counts: ReadonlyMap<string | number, number>): Record<string, number> {
  return Object.fromEntries(
    [...counts].map(([key, count]) => [String(key), count] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Of jobs that run on one device. Null if the time of any job is unknown: a sum of the others would look complete. */
type Seconds = Record<PlanJob["resources"]["device"], number | null>;

function rounded(seconds: number | null, per: number, digits: number): number | null {
  return seconds === null ? null : Math.round((seconds / per) * 10 ** digits) / 10 ** digits;
}

function plus(sum: number | null, seconds: number | null): number | null {
  return sum === null || seconds === null ? null : sum + seconds;
}

export function summarise(jobs: readonly PlanJob[]): Summary {
  const [routes, types, priorities] = [new Map<string, number>(), new Map<string, number>(), new Map<number, number>()];
  const targets = new Set<string>();
  const symbols = new Set<string>();
  const seconds: Seconds = { cpu: 0, gpu: 0 };
  for (const { route, training_type, priority, target, symbol, resources, estimated_seconds } of jobs) {
    routes.set(route, (routes.get(route) ?? 0) + 1);
    types.set(training_type, (types.get(training_type) ?? 0) + 1);
    priorities.set(priority, (priorities.get(priority) ?? 0) + 1);
    targets.add(target);
    if (symbol !== null) symbols.add(symbol);
    seconds[resources.device] = plus(seconds[resources.device], estimated_seconds);
  }
  return {
    by_route: sorted(routes),
    by_type: sorted(types),
    by_priority: sorted(priorities),
    totals: {
      jobs: jobs.length,
      targets: targets.size,
      symbols: symbols.size,
      estimated_seconds: rounded(plus(seconds.cpu, seconds.gpu), 1, 1),
      cpu_hours: rounded(seconds.cpu, 3600, 4),
      gpu_hours: rounded(seconds.gpu, 3600, 4),
    },
  };
}
