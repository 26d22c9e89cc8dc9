import { z } from "zod";
import { columnName, name } from "../schema-parts.ts";

/** What `signalbox.yaml` says for routing: several targets, segments, and the families of models that compete. */

export const routingTaskSchema = z.enum(["regression", "binary"]);
export type RoutingTask = z.output<typeof routingTaskSchema>;

export const targetSchema = z.strictObject({
  name: z.string().min(1).describe("Name of the target in plans, experiments and models"),
  column: columnName.optional().describe("The column to predict; rows where it is null are not used"),
  sql: z
    .string()
    .min(1)
    .optional()
    .describe("Instead of `column`: one SQL expression over the master's columns; rows where it is null are not used"),
  task: routingTaskSchema.describe("A number, or one of two classes"),
  metric: z
    .enum(["r2", "roc_auc"])
    .optional()
    .describe("What routing scores it by: `r2` of a regression, `roc_auc` of two classes"),
  positive_class: z
    .union([z.string(), z.number(), z.boolean()])
    .optional()
    .describe("The class a binary model's probability is of; the larger of the two values if not given"),
  horizon_minutes: z.number().positive().optional().describe("How far ahead it looks: chooses the tier of thresholds"),
  horizon_days: z
    .number()
    .positive()
    .optional()
    .describe("The same in trading days of `trading_day_minutes`; one of the two"),
  families: z.array(name).min(1).optional().describe("Families that compete for it; all of `families` if not given"),
  promotion: z
    .string()
    .regex(/^configs\/(?!.*\.\.)[\w./-]+\.yaml$/, "a YAML file below configs/")
    .optional()
    .describe("The gate of its models; `configs/promotion.yaml` if not given"),
});
export type TargetConfig = z.output<typeof targetSchema>;

export const familySchema = z.strictObject({
  type: z.string().min(1).optional().describe("Model type; the family's name if not given"),
  params: z.record(z.string(), z.unknown()).default({}).describe("The estimator's own parameters"),
  stage: z
    .union([z.literal(1), z.literal(2)])
    .optional()
    .describe(
      "1: trained first; 2: afterwards, with stage 1's out-of-fold predictions as a feature (`mlp` if not given)",
    ),
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .default(42)
    .describe("Seed of every random choice in fitting"),
});
export type FamilyConfig = z.output<typeof familySchema>;

export const segmentsSchema = z.strictObject({
  column: columnName.describe("The column whose values are the segments (symbols, stores, carriers)"),
});

export const selectionSchema = z.strictObject({
  method: z
    .enum(["importance", "permutation"])
    .describe("By the estimator's own importances, or by what shuffling a feature costs"),
  top_n: z.int().min(1).describe("How many features stay"),
  seeds: z.array(z.int().min(0)).min(1).default([1, 2, 3]).describe("Seeds whose mean importance decides"),
});
export type SelectionConfig = z.output<typeof selectionSchema>;
