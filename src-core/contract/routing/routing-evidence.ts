import * as z from "zod";
import { leakageSchema, stabilityMetricsSchema, stabilitySchema } from "./routing-plans.ts";

/** Measurements of an assessment that aren't in the candidate table: `metrics/routing/evidence.json`. */

export const leakFindingSchema = z.object({
  /** `known_after`, `single_feature`, `implausible_score`. */
  detector: z.enum(["known_after", "single_feature", "implausible_score"]),
  feature: z.string().nullable(),
  status: leakageSchema,
  value: z.number().nullable(),
  threshold: z.number().nullable(),
  message: z.string(),
});
export type LeakFinding = z.output<typeof leakFindingSchema>;

export const familyEvidenceSchema = z.object({
  family: z.string(),
  type: z.string(),
  stage: z.union([z.literal(1), z.literal(2)]),
  signature: z.string(),
  folds: z.int(),
  score: z.number().nullable(),
  fold_scores: z.array(z.number().nullable()),
  fit_seconds: z.array(z.number()),
  peak_memory_bytes: z.number().nullable(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
});
export type FamilyEvidence = z.output<typeof familyEvidenceSchema>;

export const viewEvidenceSchema = z.object({
  target: z.string(),
  symbol: z.string().nullable(),
  signature: z.string(),
  rows: z.int(),
  groups: z.int().nullable(),
  folds: z.int(),
  effective_sample_size: z.number().nullable(),
  score: z.number().nullable(),
  score_low: z.number().nullable(),
  score_high: z.number().nullable(),
  /** "percentile bootstrap, 999 replicates, clustered by dest". */
  interval_method: z.string().nullable(),
  best_family: z.string().nullable(),
  families: z.array(familyEvidenceSchema),
  stability: stabilitySchema,
  stability_metrics: stabilityMetricsSchema,
  leakage_status: leakageSchema,
  leakage: z.array(leakFindingSchema),
  features: z.array(z.string()),
  feature_set_id: z.string(),
  excluded_features: z.array(z.object({ feature: z.string(), reason: z.string() })),
  note: z.string().nullable(),
});
export type ViewEvidence = z.output<typeof viewEvidenceSchema>;
