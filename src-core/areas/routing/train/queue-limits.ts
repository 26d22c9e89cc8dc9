import type { PlanJob } from "../../../contract/routing/routing-plans.ts";
import type { Core } from "../../../foundation/context.ts";
import type { Capacity } from "../../../foundation/exec/place.ts";
import type { QueueLimits } from "./job-queue.ts";

/** Interpreter, libraries and a table: a pipeline never needs less, whatever its fit needs. */
export const leastMemoryGib = 0.75;

/** Jobs at once: as many as requested, else as many as cores and the largest job's memory allow. */
export function limitsOf(
  { project, capacity }: Pick<Core, "project"> & { readonly capacity: Capacity },
  jobs: readonly PlanJob[],
  atOnce: number | undefined,
): QueueLimits {
  const local = project().config.executors?.local;
  const memoryGib = local?.memory_gib ?? (0.8 * capacity.freeMemoryBytes) / 2 ** 30;
  const largest = Math.max(leastMemoryGib, ...jobs.map((job) => job.resources.memory_gib));
  const byMemory = Math.max(1, Math.floor(memoryGib / largest));
  return { memoryGib, jobs: atOnce ?? Math.min(local?.threads ?? capacity.cores, byMemory) };
}
