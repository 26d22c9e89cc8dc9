import * as z from "zod";
import { schemaVersion } from "../schema-parts.ts";

/** Schema of `configs/promotion.yaml`; the keys are those of the YAML file. Every object is strict: an unknown key is an error. */

export const gateRuleSchema = z.strictObject({
  metric: z
    .string()
    .min(1)
    .describe(
      "`reference_<metric>`, `<optional test>_<metric>`, or a property of the model: `latency_p50_ms`, `latency_p95_ms`, `fit_seconds`, `model_size_bytes`",
    ),
  threshold: z.number().optional().describe("The value must be at least as good as this"),
  min_absolute_change: z
    .number()
    .min(0)
    .optional()
    .describe("Smallest required improvement over production, in the metric's unit"),
  min_relative_change: z
    .number()
    .min(0)
    .optional()
    .describe("Smallest required improvement over production, as a share of its value"),
  max_absolute_regression: z
    .number()
    .min(0)
    .optional()
    .describe("How much worse than production it may be, in the metric's unit"),
  max_relative_regression: z
    .number()
    .min(0)
    .optional()
    .describe("How much worse than production it may be, as a share of its value"),
});
export type GateRule = z.output<typeof gateRuleSchema>;

export const promotionConfigSchema = z.strictObject({
  version: schemaVersion,
  primary: z
    .strictObject({
      metric: z.string().min(1).describe("`reference_<metric>` that the candidate is judged by"),
      goal: z
        .enum(["superiority", "non_inferiority"])
        .describe("Whether the candidate must be better than production, or no worse than it"),
      margin: z
        .number()
        .min(0)
        .optional()
        .describe("`non_inferiority`: the largest difference that still counts as no worse, in the metric's unit"),
    })
    .describe("The metric that decides"),
  decision_rule: z
    .enum(["bootstrap", "point"])
    .default("bootstrap")
    .describe("Decide by the interval of the paired differences, or by the point estimates"),
  alpha: z
    .number()
    .gt(0)
    .lt(0.5)
    .default(0.05)
    .describe("Significance level of a promotion (probability of a type I error)"),
  min_units: z.int().min(1).default(200).describe("Fewest rows for a decision"),
  min_clusters: z.int().min(2).default(10).describe("Fewest groups for a decision, if the split has groups"),
  replicates: z.int().min(99).max(1_000_000).default(9_999).describe("Resamples of the bootstrap"),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(42)
    .describe("Seed of the bootstrap"),
  max_missing_basis_points: z
    .int()
    .min(0)
    .max(10_000)
    .default(0)
    .describe("Largest share of reference rows (1/10000) without a prediction on either side"),
  use_stages: z.boolean().default(false).describe("Also move the stage `Production`, for old servers that need it"),
  gates: z.array(gateRuleSchema).default([]).describe("Further conditions: thresholds and guardrails"),
});
export type PromotionConfig = z.output<typeof promotionConfigSchema>;
