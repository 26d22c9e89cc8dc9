import { z } from "zod";
import { schemaVersion } from "../schema-parts.ts";

/** `configs/promotion.yaml`, as it stands in YAML (hence snake_case keys). Every object is strict: an unknown key is an error. */

export const gateRuleSchema = z.strictObject({
  metric: z
    .string()
    .min(1)
    .describe(
      "`reference_<metric>`, `<optional test>_<metric>`, or a figure of the model: `latency_p50_ms`, `latency_p95_ms`, `fit_seconds`, `model_size_bytes`",
    ),
  threshold: z.number().optional().describe("The value must be at least as good as this"),
  min_absolute_change: z.number().min(0).optional().describe("Least improvement over production, in the metric's unit"),
  min_relative_change: z.number().min(0).optional().describe("Least improvement over production, as a share of it"),
  max_absolute_regression: z
    .number()
    .min(0)
    .optional()
    .describe("Most it may be worse than production, in the metric's unit"),
  max_relative_regression: z
    .number()
    .min(0)
    .optional()
    .describe("Most it may be worse than production, as a share of it"),
});
export type GateRule = z.output<typeof gateRuleSchema>;

export const promotionConfigSchema = z.strictObject({
  version: schemaVersion,
  primary: z
    .strictObject({
      metric: z.string().min(1).describe("`reference_<metric>`: what the candidate is judged by"),
      goal: z.enum(["superiority", "non_inferiority"]).describe("Better than production, or as good as it"),
      margin: z
        .number()
        .min(0)
        .optional()
        .describe("`non_inferiority`: how much worse still counts as as good, in the metric's unit"),
    })
    .describe("The metric that decides"),
  decision_rule: z
    .enum(["bootstrap", "point"])
    .default("bootstrap")
    .describe("By the interval of the paired differences, or by the plain figures"),
  alpha: z.number().gt(0).lt(0.5).default(0.05).describe("Error probability of a promotion"),
  min_units: z.int().min(1).default(200).describe("Rows below which no comparison is decided"),
  min_clusters: z
    .int()
    .min(2)
    .default(10)
    .describe("Groups below which no comparison is decided, where the split has groups"),
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
    .describe("Share of reference rows (1/10000) that may lack a prediction on either side"),
  use_stages: z.boolean().default(false).describe("Move the stage `Production` too, where an old server asks for it"),
  gates: z.array(gateRuleSchema).default([]).describe("What else must hold: thresholds and guardrails"),
});
export type PromotionConfig = z.output<typeof promotionConfigSchema>;
