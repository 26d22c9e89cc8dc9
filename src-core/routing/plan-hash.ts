import type { PlanInputs, PlanJob, TraceStep, TrainingPlan } from "../contract/routing-plans.ts";
import { canonicalJson } from "../ledger/canonical-json.ts";
import { hashTexts } from "./hash-texts.ts";
import { withBarriers } from "./plan-barrier.ts";

export interface HashedPlan {
  readonly inputs: PlanInputs;
  readonly jobs: readonly PlanJob[];
  readonly skipped: TrainingPlan["skipped"];
}

/** The digests alone, of anything that carries them. */
export function planInputsOf(carrier: PlanInputs): PlanInputs {
  const { candidates_hash, config_hash, routing_plan_hash, dataset_hash, split_hash, features_hash, project_hash } =
    carrier;
  return { candidates_hash, config_hash, routing_plan_hash, dataset_hash, split_hash, features_hash, project_hash };
}

/**
 * What a plan is, whenever it was written: sha256 of the canonical JSON of inputs, jobs and skipped views, the jobs as the
 * file holds them. No time, no commit.
 */
export function planHash(plan: HashedPlan): string {
  return hashTexts(canonicalPieces(plan));
}

function* canonicalPieces({ inputs, jobs, skipped }: HashedPlan): Generator<string> {
  const textOf = canonicalJobs();
  yield `{"inputs":${canonicalJson(planInputsOf(inputs))},"jobs":[`;
  let separator = "";
  for (const job of withBarriers(jobs)) {
    yield `${separator}${textOf(job)}`;
    separator = ",";
  }
  yield `],"skipped":[`;
  separator = "";
  for (const { reason, symbol, target } of skipped) {
    yield `${separator}${JSON.stringify({ reason, symbol, target })}`;
    separator = ",";
  }
  yield "]}";
}

/**
 * Canonical JSON of jobs: their members are written in sorted order, because a general canonicaliser takes seconds for a
 * hundred thousand of them. Steps that jobs share (a target's cross-sectional one) are written once.
 */
export function canonicalJobs(): (job: PlanJob) => string {
  const known = new Map<TraceStep, string>();
  const stepText = (step: TraceStep): string => {
    const text = known.get(step);
    if (text !== undefined) return text;
    const { outcome, policy_key, rule, source, threshold, value, view } = step;
    const written = JSON.stringify({ outcome, policy_key, rule, source, threshold, value, view });
    known.set(step, written);
    return written;
  };
  return (job) => {
    const { device, gpu_memory_gib, memory_gib } = job.resources;
    const beforeTrace = JSON.stringify({
      depends_on: job.depends_on,
      estimate_basis: job.estimate_basis,
      estimated_samples: job.estimated_samples,
      estimated_seconds: job.estimated_seconds,
      feature_set_id: job.feature_set_id,
      is_experiment: job.is_experiment,
      job_id: job.job_id,
      model_families: job.model_families,
      priority: job.priority,
      reason: job.reason,
      resources: { device, gpu_memory_gib, memory_gib },
      route: job.route,
      stage: job.stage,
      starts_after: job.starts_after,
      symbol: job.symbol,
      target: job.target,
    });
    const trace = job.trace.map(stepText).join(",");
    return `${beforeTrace.slice(0, -1)},"trace":[${trace}],"training_type":"${job.training_type}"}`;
  };
}
