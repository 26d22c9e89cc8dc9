import type { Candidate, PlanInputs } from "../src-core/contract/routing-plans.ts";
import type { Routing } from "../src-core/routing/route.ts";
import { buildTrainingPlan, type PlanTarget } from "../src-core/routing/training-plan.ts";

const digest = "0".repeat(64);
const inputs: PlanInputs = {
  candidates_hash: digest,
  config_hash: digest,
  routing_plan_hash: digest,
  dataset_hash: digest,
  split_hash: digest,
  features_hash: digest,
  project_hash: digest,
};

/** A made-up candidate table: every route comes out, and a fifth of the rows bring the figures of their stability. */
export function routingTable(targets: number, segments: number): readonly Candidate[] {
  return Array.from({ length: targets * (segments + 1) }, (_, at) => {
    const target = Math.floor(at / (segments + 1));
    const segment = (at % (segments + 1)) - 1;
    const draw = ((at * 2_654_435_761) % 2 ** 32) / 2 ** 32;
    return {
      target: `target_${target}`,
      symbol: segment < 0 ? null : `S${segment}`,
      mode: segment < 0 ? "CROSS_SECTIONAL" : "SYMBOL_SPECIFIC",
      score: 0.45 + 0.25 * draw,
      score_ci_low: 0.42 + 0.25 * draw,
      score_ci_high: 0.48 + 0.25 * draw,
      metric_name: "roc_auc",
      task_type: "classification",
      stability: at % 3 === 0 ? "DRIFTING" : "STABLE",
      stability_metrics:
        at % 5 === 0 ? { snapshots: 5, mean_overlap: draw, std_overlap: 0.1, mean_tau: draw, std_tau: 0.1 } : null,
      sample_size: 800 + (at % 20_000),
      effective_sample_size: 500,
      leakage_status: at % 50 === 0 ? "SUSPECT" : "SAFE",
      feature_set_id: "0123456789abcdef",
      successful_model_families: at % 100 === 0 ? 0 : 2,
      failed_model_families: 0,
      model_status: at % 200 === 0 ? "FAILED" : "OK",
      timestamp: null,
      git_commit: null,
      evidence_digest: null,
    };
  });
}

/** The training plan of a made-up table, each target with two families on the CPU. */
export function plannedFrom(routing: Routing): ReturnType<typeof buildTrainingPlan> {
  const families = ["logistic_regression", "hist_gradient_boosting"].map(
    (name) => ({ name, stage: 1, device: "cpu" }) as const,
  );
  const targets = new Map<string, PlanTarget>(routing.map(({ target: name }) => [name, { name, families }]));
  return buildTrainingPlan({
    routing,
    targets,
    evidence: new Map(),
    sides: new Map(),
    inputs,
    marks: [],
    generatedAt: "2013-04-01T00:00:00Z",
    gitCommit: null,
  });
}
