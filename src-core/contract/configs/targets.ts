import * as z from "zod";
import { columnName, name } from "../schema-parts.ts";

/** The part of `signalbox.yaml` about routing: targets, segments, and the families of models that compete. */

export const routingTaskSchema = z.enum(["regression", "binary"]);
export type RoutingTask = z.output<typeof routingTaskSchema>;

export const targetSchema = z.strictObject({
  name: z.string().min(1).describe("Name of the target in plans, experiments and models"),
  column: columnName.optional().describe("The column to predict; rows where it is null are ignored"),
  sql: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Instead of `column`: one SQL expression over the columns of the master table; rows where it is null are ignored",
    ),
  task: routingTaskSchema.describe("What is predicted: a number, or one of two classes"),
  metric: z
    .enum(["r2", "roc_auc"])
    .optional()
    .describe("Metric that routing scores it by: `r2` for a regression, `roc_auc` for two classes"),
  positive_class: z
    .union([z.string(), z.number(), z.boolean()])
    .optional()
    .describe("The class whose probability a binary model predicts; by default the larger of the two values"),
  horizon_minutes: z
    .number()
    .positive()
    .optional()
    .describe("How far ahead the target is; chooses the tier of thresholds"),
  horizon_days: z
    .number()
    .positive()
    .optional()
    .describe("The same in trading days of `trading_day_minutes`; set only one of the two"),
  families: z.array(name).min(1).optional().describe("Families that compete for it; all of `families` by default"),
  promotion: z
    .string()
    .regex(/^configs\/(?!.*\.\.)[\w./-]+\.yaml$/, "a YAML file below configs/")
    .optional()
    .describe("The gate of its models; `configs/promotion.yaml` by default"),
});
export type TargetConfig = z.output<typeof targetSchema>;

export const familySchema = z.strictObject({
  type: z.string().min(1).optional().describe("Model type; the name of the family by default"),
  params: z.record(z.string(), z.unknown()).default({}).describe("The estimator's own parameters"),
  stage: z
    .union([z.literal(1), z.literal(2)])
    .optional()
    .describe(
      "1: trained first; 2: trained afterwards, with the out-of-fold predictions of stage 1 as a feature (the default for `mlp`)",
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
  column: columnName.describe("Column whose values are the segments (symbols, stores, carriers)"),
});

export const selectionSchema = z.strictObject({
  method: z
    .enum(["importance", "permutation"])
    .describe("Measure of importance: the estimator's own, or the loss from shuffling a feature"),
  top_n: z.int().min(1).describe("Number of features to keep"),
  seeds: z.array(z.int().min(0)).min(1).default([1, 2, 3]).describe("Seeds; the mean importance over them decides"),
});
export type SelectionConfig = z.output<typeof selectionSchema>;
