import { z } from "zod";
import { routeSchema, trainingTypeSchema } from "./routes.ts";

/** What routing writes and reads: candidates, the routing plan, the training plan. Keys as they stand in the files (snake_case). */

export const signalSchema = z.enum(["STRONG", "WEAK_BUT_OK", "EXPERIMENTAL", "DISALLOWED"]);
export type Signal = z.output<typeof signalSchema>;

export const stabilitySchema = z.enum(["STABLE", "DRIFTING", "DIVERGED", "UNKNOWN", "NOT_MEASURED"]);
export type Stability = z.output<typeof stabilitySchema>;

export const leakageSchema = z.enum(["SAFE", "SUSPECT", "BLOCKED", "NOT_MEASURED"]);
export type Leakage = z.output<typeof leakageSchema>;

export const modeSchema = z.enum(["CROSS_SECTIONAL", "SYMBOL_SPECIFIC"]);

export const modelStatusSchema = z.enum(["OK", "FAILED", "SKIPPED", "UNKNOWN"]);

/** How alike the rankings of features are from snapshot to snapshot. Null: undefined for these snapshots. */
export const stabilityMetricsSchema = z.object({
  snapshots: z.int().min(0),
  mean_overlap: z.number().nullable(),
  std_overlap: z.number().nullable(),
  mean_tau: z.number().nullable(),
  std_tau: z.number().nullable(),
});
export type StabilityMetrics = z.output<typeof stabilityMetricsSchema>;

/** One view of one target: the pooled one (symbol null), or a segment's. */
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

/** One rule that was asked, in order; the first that doesn't hold (or the one that gives the signal) is the last. */
export const traceStepSchema = z.object({
  view: z.enum(["cross_sectional", "symbol", "combination"]),
  /** `no_score`, `sample_size`, `leakage_blocked`, `leakage_not_safe`, `families`, `strong`, `weak`, `experimental`, `none`, `cap`, `table`. */
  rule: z.string(),
  value: z.union([z.number(), z.string(), z.null()]),
  threshold: z.union([z.number(), z.string(), z.null()]),
  /** Key of the policy the threshold stands under: `cross_sectional.regression.short.min_score`. */
  policy_key: z.string().nullable(),
  /** Where the value comes from: `candidates:<target>/<symbol or CS>#score`. */
  source: z.string(),
  outcome: z.string(),
  /** Why the rule wasn't met, where it was asked and wasn't. */
  unmet: z.string().optional(),
});
export type TraceStep = z.output<typeof traceStepSchema>;

export const routingMetadataSchema = z.object({
  generated_at: z.string(),
  git_commit: z.string().nullable(),
  config_hash: z.string(),
  candidates_hash: z.string(),
  /** Policy relaxations that every artifact made under them carries: `dev_mode`, `block_on_leakage: false`. */
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
  /** 16 hexadecimal digits of a hash of target, symbol, training type and stage: nothing else. */
  job_id: z.string(),
  target: z.string(),
  symbol: z.string().nullable(),
  route: routeSchema,
  training_type: trainingTypeSchema,
  stage: z.union([z.literal(1), z.literal(2)]),
  model_families: z.array(z.string()),
  priority: z.int(),
  /** Must have succeeded. */
  depends_on: z.array(z.string()),
  /** Must have ended, however. In the plan's file "stage-1" stands for all of the target's stage-1 jobs but ensembles. */
  starts_after: z.array(z.string()),
  resources: z.object({ device: z.enum(["cpu", "gpu"]), memory_gib: z.number(), gpu_memory_gib: z.number() }),
  estimated_samples: z.number().nullable(),
  estimated_seconds: z.number().nullable(),
  /** What the estimates stand on: "5 folds of hist_gradient_boosting took 1.2 s each". */
  estimate_basis: z.string(),
  /** Digest of the ordered features. */
  feature_set_id: z.string().nullable(),
  /** An experiment's verdict is recorded, its model never promoted. */
  is_experiment: z.boolean(),
  reason: z.string(),
  trace: z.array(traceStepSchema),
});
export type PlanJob = z.output<typeof planJobSchema>;

/** Digests of what a plan was made from; a plan is stale when one of them is another now. */
export const planInputsSchema = z.object({
  candidates_hash: z.string(),
  config_hash: z.string(),
  routing_plan_hash: z.string(),
  dataset_hash: z.string().nullable(),
  split_hash: z.string().nullable(),
  features_hash: z.string().nullable(),
  /** Of targets, segments, families and selection in signalbox.yaml. */
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
    /** sha256 of jobs, skipped views and inputs, without their reasons and traces, which follow from the inputs: what "this plan" is, whenever it was written. */
    plan_hash: z.string(),
    total_jobs: z.int(),
    model_families: z.array(z.string()),
    marks: z.array(z.string()),
  }),
  jobs: z.array(planJobSchema),
  /** Segments that were routed to training and can't be trained, with the reason. */
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
