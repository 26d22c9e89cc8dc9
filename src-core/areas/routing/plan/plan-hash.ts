import type { PlanInputs, PlanJob, TrainingPlan } from "../../../contract/routing/routing-plans.ts";
import { hashTexts } from "../../../foundation/files/hash-texts.ts";
import { canonicalJson } from "../../../foundation/text/canonical-json.ts";
import { remembered } from "../../../foundation/text/remembered.ts";
import { withBarriers } from "./text/plan-barrier.ts";

export interface HashedPlan {
  readonly inputs: PlanInputs;
  readonly jobs: readonly PlanJob[];
  readonly skipped: TrainingPlan["skipped"];
}

/** Only the digests, of anything that carries them. */
export function planInputsOf(carrier: PlanInputs): PlanInputs {
  const { candidates_hash, config_hash, routing_plan_hash, dataset_hash, split_hash, features_hash, project_hash } =
    carrier;
  return { candidates_hash, config_hash, routing_plan_hash, dataset_hash, split_hash, features_hash, project_hash };
}

/**
 * The identity of a plan, whenever it was written: sha256 of the canonical JSON of inputs, jobs and skipped views, with the
 * jobs as in the file. No time, no commit, and no words about why: `reason`, `trace` and `estimate_basis` follow from the
 * inputs, and a reworded sentence doesn't make another plan.
 */
export function planHash(plan: HashedPlan): string {
  return hashTexts(canonicalPieces(plan));
}

function* canonicalPieces({ inputs, jobs, skipped }: HashedPlan): Generator<string> {
  yield `{"inputs":${canonicalJson(planInputsOf(inputs))},"jobs":[`;
  const written = jobWriter();
  let separator = "";
  for (const job of withBarriers(jobs)) {
    yield separator + written(job);
    separator = ",";
  }
  const sorted = skipped.map(({ reason, symbol, target }) => ({ reason, symbol, target }));
  yield `],"skipped":${JSON.stringify(sorted)}}`;
}

/**
 * A job's members in the order of canonical JSON, without `reason`, `trace` and `estimate_basis`. Written out: a general
 * canonicaliser takes seconds for a hundred thousand jobs. Jobs share targets, segments, families and resources.
 */
function jobWriter(): (job: PlanJob) => string {
  const text = remembered<string | null, string>((value) => JSON.stringify(value));
  const list = remembered(listText);
  const work = remembered((families: readonly string[]) =>
    remembered(({ device, gpu_memory_gib, memory_gib }: PlanJob["resources"]) =>
      remembered(
        (priority: number) =>
          `,"model_families":${listText(families)},"priority":${priority},"resources":{"device":"${device}","gpu_memory_gib":${gpu_memory_gib},"memory_gib":${memory_gib}},"route":"`,
      ),
    ),
  );
  const place = remembered((target: string) =>
    remembered((type: string) => `,"target":${JSON.stringify(target)},"training_type":"${type}"}`),
  );
  return (job) => {
    const { starts_after: after, feature_set_id: features, is_experiment, resources, priority } = job;
    const samples = `{"depends_on":${listText(job.depends_on)},"estimated_samples":${job.estimated_samples}`;
    const estimated = `,"estimated_seconds":${job.estimated_seconds},"feature_set_id":${text(features)}`;
    const identified = `,"is_experiment":${is_experiment},"job_id":${JSON.stringify(job.job_id)}`;
    const starts = `${job.route}","stage":${job.stage},"starts_after":${after.length > 1 ? list(after) : listText(after)}`;
    const view = `,"symbol":${text(job.symbol)}${place(job.target)(job.training_type)}`;
    return samples + estimated + identified + work(job.model_families)(resources)(priority) + starts + view;
  };
}

function listText(texts: readonly string[]): string {
  return texts.length === 0 ? "[]" : `[${texts.map((text) => JSON.stringify(text)).join(",")}]`;
}
