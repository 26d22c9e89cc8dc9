import type { QueueState } from "../../../contract/routing/routing-output.ts";

/** What a queue needs to know of a job to order and start it. */
export interface QueuedJob {
  readonly id: string;
  /** For a person: "arr_delay/UA". */
  readonly name: string;
  /** Larger first. */
  readonly priority: number;
  /** Ids that must have succeeded. */
  readonly dependsOn: readonly string[];
  /** Ids that must have ended, successfully or not. */
  readonly startsAfter: readonly string[];
  readonly memoryGib: number;
  readonly state: QueueState;
  /** False for one that the request excludes. */
  readonly isAsked: boolean;
}

export interface QueueLimits {
  /** Jobs that run at once. */
  readonly jobs: number;
  /** GiB that jobs may use together. */
  readonly memoryGib: number;
}

export type Readiness =
  | { readonly kind: "ready" }
  | { readonly kind: "waits"; readonly why: string }
  /** It can never start: a dependency ended without success, or doesn't exist. */
  | { readonly kind: "skip"; readonly why: string };

const atWork: readonly QueueState[] = ["starting", "running", "unreachable"];

const endings: Partial<Record<QueueState, string>> = {
  failed: "which failed",
  out_of_memory: "which ran out of memory",
  cancelled: "which was cancelled",
  lost: "which was lost",
  skipped: "which was skipped",
};

const notAsked = "which isn't selected and was never trained: select it, too, or train it first";

export function hasEnded(state: QueueState): boolean {
  return state !== "queued" && !atWork.includes(state);
}

/** Whether a job that is queued could start now, and if not, why. A job too large for the machine runs alone. */
export function readinessOf(job: QueuedJob, jobs: ReadonlyMap<string, QueuedJob>, limits: QueueLimits): Readiness {
  for (const id of job.dependsOn) {
    const needed = jobs.get(id);
    if (needed === undefined)
      return { kind: "skip", why: `needs job ${id}, which is neither selected nor already trained` };
    if (hasEnded(needed.state) && needed.state !== "succeeded")
      return {
        kind: "skip",
        why: `needs ${needed.name} (${id}), ${needed.isAsked ? (endings[needed.state] ?? `which ended as ${needed.state}`) : notAsked}`,
      };
  }
  const open = [...job.dependsOn, ...job.startsAfter].flatMap((id) => {
    const other = jobs.get(id);
    return other === undefined || hasEnded(other.state) ? [] : [other];
  });
  const [first] = open;
  if (first !== undefined) {
    const more = open.length > 1 ? ` and ${open.length - 1} more` : "";
    return { kind: "waits", why: `waits for ${first.name} (${first.state})${more}` };
  }
  const working = [...jobs.values()].filter(({ state }) => atWork.includes(state));
  if (working.length >= limits.jobs)
    return { kind: "waits", why: `waits for a place: ${working.length} of at most ${limits.jobs} jobs are running` };
  const used = working.reduce((sum, { memoryGib }) => sum + memoryGib, 0);
  if (working.length > 0 && used + job.memoryGib > limits.memoryGib)
    return {
      kind: "waits",
      why: `waits for ${job.memoryGib} GiB of memory: ${used.toFixed(2)} of ${limits.memoryGib.toFixed(2)} GiB are in use`,
    };
  return { kind: "ready" };
}

/**
 * The queued job to start next: among those that are ready the one with the highest priority, then the oldest (`jobs` is in
 * order of age). One that only waits for memory lets smaller ones pass. Undefined: nothing can start now.
 */
export function nextJob(jobs: ReadonlyMap<string, QueuedJob>, limits: QueueLimits): QueuedJob | undefined {
  let best: QueuedJob | undefined;
  for (const job of jobs.values()) {
    if (job.state !== "queued" || (best !== undefined && job.priority <= best.priority)) continue;
    if (readinessOf(job, jobs, limits).kind === "ready") best = job;
  }
  return best;
}
