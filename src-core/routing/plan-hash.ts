import type { PlanInputs, PlanJob, TrainingPlan } from "../contract/routing-plans.ts";
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
 * file holds them. No time, no commit, and no word of why: `reason`, `trace` and `estimate_basis` follow from the inputs,
 * and a sentence written in other words is no other plan.
 */
export function planHash(plan: HashedPlan): string {
  return hashTexts(canonicalPieces(plan));
}

/** Jobs that are written as one piece. */
const pieceJobs = 64;

function* canonicalPieces({ inputs, jobs, skipped }: HashedPlan): Generator<string> {
  yield `{"inputs":${canonicalJson(planInputsOf(inputs))},"jobs":[`;
  const written = withBarriers(jobs);
  for (let at = 0; at < written.length; at += pieceJobs) {
    const text = JSON.stringify(written.slice(at, at + pieceJobs).map(inSortedOrder));
    yield `${at === 0 ? "" : ","}${text.slice(1, -1)}`;
  }
  const sorted = skipped.map(({ reason, symbol, target }) => ({ reason, symbol, target }));
  yield `],"skipped":${JSON.stringify(sorted)}}`;
}

/**
 * A job's members as canonical JSON sorts them, so that JSON.stringify writes it: a general canonicaliser takes seconds
 * for a hundred thousand jobs.
 */
function inSortedOrder(job: PlanJob): Omit<PlanJob, "reason" | "trace" | "estimate_basis"> {
  const { device, gpu_memory_gib, memory_gib } = job.resources;
  return {
    depends_on: job.depends_on,
    estimated_samples: job.estimated_samples,
    estimated_seconds: job.estimated_seconds,
    feature_set_id: job.feature_set_id,
    is_experiment: job.is_experiment,
    job_id: job.job_id,
    model_families: job.model_families,
    priority: job.priority,
    resources: { device, gpu_memory_gib, memory_gib },
    route: job.route,
    stage: job.stage,
    starts_after: job.starts_after,
    symbol: job.symbol,
    target: job.target,
    training_type: job.training_type,
  };
}
