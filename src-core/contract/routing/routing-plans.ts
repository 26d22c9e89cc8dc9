import * as z from "zod";
import { routeSchema, trainingTypeSchema } from "./routes.ts";

/** Files of routing: candidates, the routing plan, the training plan. The keys are those of the files (snake_case). */

export const signalSchema = z.enum(["STRONG", "WEAK_BUT_OK", "EXPERIMENTAL", "DISALLOWED"]);
export type Signal = z.output<typeof signalSchema>;

export const stabilitySchema = z.enum(["STABLE", "DRIFTING", "DIVERGED", "UNKNOWN", "NOT_MEASURED"]);
export type Stability = z.output<typeof stabilitySchema>;

export const leakageSchema = z.enum(["SAFE", "SUSPECT", "BLOCKED", "NOT_MEASURED"]);
export type Leakage = z.output<typeof leakageSchema>;

export const modeSchema = z.enum(["CROSS_SECTIONAL", "SYMBOL_SPECIFIC"]);

export const modelStatusSchema = z.enum(["OK", "FAILED", "SKIPPED", "UNKNOWN"]);

/** Similarity of the feature rankings between snapshots. Null if it is undefined for these snapshots. */
export const stabilityMetricsSchema = z.object({
  snapshots: z.int().min(0),
  mean_overlap: z.number().nullable(),
  std_overlap: z.number().nullable(),
  mean_tau: z.number().nullable(),
  std_tau: z.number().nullable(),
});
export type StabilityMetrics = z.output<typeof stabilityMetricsSchema>;

/** A view of a target: the pooled view (symbol null), or the view of a segment. */
export const candidateSchema = z.object({
  target: z.string().min(1),
  symbol: z.string().min(1).nullable(),
  mode: modeSchema,
  score: z.number().nullable(),
  score_ci_low: z.number().nullable(),
  score_ci_high: z.number().nullable(),
  metric_name: z.enum(["roc_auc", "r2"]),
  task_type: z.enum(["classification", "regression"]),
  stability: stabilitySchema,
  stability_metrics: stabilityMetricsSchema.nullable(),
  /** Usable rows; null counts as too few. */
  sample_size: z.int().min(0).nullable(),
  effective_sample_size: z.number().min(0).nullable(),
  leakage_status: leakageSchema,
  feature_set_id: z.string().nullable(),
  /** Null counts as 0. */
  successful_model_families: z.int().min(0).nullable(),
  failed_model_families: z.int().min(0).nullable(),
  model_status: modelStatusSchema,
  timestamp: z.string().nullable(),
  git_commit: z.string().nullable(),
  evidence_digest: z.string().nullable(),
});
export type Candidate = z.output<typeof candidateSchema>;

/** A rule that was applied, in order. The last one is the first that failed, or the one that determined the signal. */
export const traceStepSchema = z.object({
  view: z.enum(["cross_sectional", "symbol", "combination"]),
  /** `no_score`, `sample_size`, `leakage_blocked`, `leakage_not_safe`, `families`, `strong`, `weak`, `experimental`, `none`, `cap`, `table`. */
  rule: z.string(),
  value: z.union([z.number(), z.string(), z.null()]),
  threshold: z.union([z.number(), z.string(), z.null()]),
  /** Key of the threshold in the policy: `cross_sectional.regression.short.min_score`. */
  policy_key: z.string().nullable(),
  /** Source of the value: `candidates:<target>/<symbol or CS>#score`. */
  source: z.string(),
  outcome: z.string(),
  /** Why the rule wasn't met, if it was applied and failed. */
  unmet: z.string().optional(),
});
export type TraceStep = z.output<typeof traceStepSchema>;

export const routingMetadataSchema = z.object({
  generated_at: z.string(),
  git_commit: z.string().nullable(),
  config_hash: z.string(),
  candidates_hash: z.string(),
  /** Relaxations of the policy, recorded in every artifact that was made under them: `dev_mode`, `block_on_leakage: false`. */
  marks: z.array(z.string()),
});

export const routingPlanSchema = z.object({
  schema_version: z.literal(1),
  metadata: routingMetadataSchema,
  targets: z.record(
    z.string(),
    z.object({
      cross_sectional: z.object({ route: z.enum(["ENABLED", "DISABLED"]), signal: signalSchema, reason: z.string() }),
      symbols: z.record(
        z.string(),
        z.object({
          route: routeSchema,
          cs_signal: signalSchema,
          symbol_signal: signalSchema,
          reason: z.array(z.string()),
        }),
      ),
    }),
  ),
});
export type RoutingPlan = z.output<typeof routingPlanSchema>;

export const planJobSchema = z.object({
  /** 16 hexadecimal digits of a hash of only the target, symbol, training type and stage. */
  job_id: z.string(),
  target: z.string(),
  symbol: z.string().nullable(),
  route: routeSchema,
  training_type: trainingTypeSchema,
  stage: z.union([z.literal(1), z.literal(2)]),
  model_families: z.array(z.string()),
  priority: z.int(),
  /** Jobs that must have succeeded. */
  depends_on: z.array(z.string()),
  /** Jobs that must have ended, with any outcome. In the plan's file, "stage-1" means all stage-1 jobs of the target except ensembles. */
  starts_after: z.array(z.string()),
  resources: z.object({ device: z.enum(["cpu", "gpu"]), memory_gib: z.number(), gpu_memory_gib: z.number() }),
  estimated_samples: z.number().nullable(),
  estimated_seconds: z.number().nullable(),
  /** Basis of the estimates: "5 folds of hist_gradient_boosting took 1.2 s each". */
  estimate_basis: z.string(),
  /** Digest of the ordered features. */
  feature_set_id: z.string().nullable(),
  /** The verdict of an experiment is recorded, but its model is never promoted. */
  is_experiment: z.boolean(),
  reason: z.string(),
  trace: z.array(traceStepSchema),
});
export type PlanJob = z.output<typeof planJobSchema>;

/** Digests of the inputs of a plan. The plan is stale if one of them has changed. */
export const planInputsSchema = z.object({
  candidates_hash: z.string(),
  config_hash: z.string(),
  routing_plan_hash: z.string(),
  dataset_hash: z.string().nullable(),
  split_hash: z.string().nullable(),
  features_hash: z.string().nullable(),
  /** Digest of targets, segments, families and selection in signalbox.yaml. */
  project_hash: z.string().nullable(),
});
export type PlanInputs = z.output<typeof planInputsSchema>;

const counts = z.record(z.string(), z.int());
export const trainingPlanSchema = z.object({
  schema_version: z.literal(1),
  metadata: z.object({
    generated_at: z.string(),
    git_commit: z.string().nullable(),
    ...planInputsSchema.shape,
    /** The sha256 of jobs, skipped views and inputs. It identifies the plan, whenever it was written. Reasons and traces follow from the inputs and aren't included. */
    plan_hash: z.string(),
    total_jobs: z.int(),
    model_families: z.array(z.string()),
    marks: z.array(z.string()),
  }),
  jobs: z.array(planJobSchema),
  /** Segments that were routed to training but can't be trained, with the reason. */
  skipped: z.array(z.object({ target: z.string(), symbol: z.string().nullable(), reason: z.string() })),
  summary: z.object({
    by_route: counts,
    by_type: counts,
    by_priority: counts,
    totals: z.object({
      jobs: z.int(),
      targets: z.int(),
      symbols: z.int(),
      estimated_seconds: z.number().nullable(),
      cpu_hours: z.number().nullable(),
      gpu_hours: z.number().nullable(),
    }),
  }),
});
export type TrainingPlan = z.output<typeof trainingPlanSchema>;
