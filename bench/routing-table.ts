import type { Routing } from "../src-core/areas/routing/decide/route.ts";
import { buildTrainingPlan, type PlanTarget } from "../src-core/areas/routing/plan/training-plan.ts";
import type { Candidate, PlanInputs, TrainingPlan } from "../src-core/contract/routing/routing-plans.ts";

/** Placeholder for the digests of absent inputs. */
export const madeUpDigest: string = "0".repeat(64);

const inputs: PlanInputs = {
  candidates_hash: madeUpDigest,
  config_hash: madeUpDigest,
  routing_plan_hash: madeUpDigest,
  dataset_hash: madeUpDigest,
  split_hash: madeUpDigest,
  features_hash: madeUpDigest,
  project_hash: madeUpDigest,
};

/** Invents a candidate table that results in every route; a fifth of the rows have the figures of their stability. */
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

/** The targets of an invented table, each with two families on the CPU. */
export function plannedTargets(targets: Iterable<string>): ReadonlyMap<string, PlanTarget> {
  const families = ["logistic_regression", "hist_gradient_boosting"].map(
    (name) => ({ name, stage: 1, device: "cpu" }) as const,
  );
  return new Map([...targets].map((name) => [name, { name, families }]));
}

/** The training plan of an invented table. */
export function plannedFrom(routing: Routing, routingPlanHash: string): TrainingPlan {
  return buildTrainingPlan({
    routing,
    targets: plannedTargets(routing.map(({ target }) => target)),
    evidence: new Map(),
    sides: new Map(),
    inputs: { ...inputs, routing_plan_hash: routingPlanHash },
    marks: [],
    generatedAt: "2013-04-01T00:00:00Z",
    gitCommit: null,
  });
}
