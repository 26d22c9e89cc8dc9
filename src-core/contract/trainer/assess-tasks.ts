import * as z from "zod";
import { featureSchemaSchema } from "../configs/feature-schema.ts";
import { routingTaskSchema, selectionSchema } from "../configs/targets.ts";
import { columnName } from "../schema-parts.ts";
import { filePath, positiveClass, trainedContractSchema, type Written } from "./spec-parts.ts";

/** Tasks of an assessment worker: one per line of its standard input. */

const viewSchema = z
  .object({
    path: filePath.describe("Train side of the target, with all segments: a Parquet file"),
    segment: z
      .object({
        column: columnName.describe("Column whose values are the segments"),
        value: z.string().describe("Its value, as a string"),
      })
      .meta({ title: "Segment", description: "A value of the column whose values are the segments." })
      .nullable()
      .describe("The segment whose rows the view has; null for all rows"),
    target: columnName.describe("The column to predict"),
    task: routingTaskSchema,
    positive_class: positiveClass,
  })
  .meta({ title: "AssessedView", description: "The train rows of one target, of all segments or of one." });

export const foldsSchema = z
  .object({
    strategy: z
      .enum(["group", "time", "group_time", "key"])
      .describe("By groups, forward in time, by both, or only by the key"),
    group: z.array(columnName).describe("Columns whose values define the groups"),
    time: columnName.nullable().describe("Time column, in UTC"),
    embargo_ms: z.int().min(0).default(0).describe("Time that is excluded before the tested rows"),
    key: z.array(columnName).describe("Columns that together identify a row"),
    strata: z.array(columnName).describe("Columns whose values are spread evenly over the folds"),
    salt: z.string().describe("Salt of the hashes that assign rows to folds"),
    max: z.int().min(1).describe("Maximum number of folds; there are fewer if there are fewer groups or times"),
  })
  .meta({
    title: "FoldSpec",
    description: "How the rows of a view are assigned to folds: whole groups and forward in time, like the split.",
  });
export type FoldSpec = Written<typeof foldsSchema>;

const familySchema = z
  .object({
    name: z.string().describe("Name of the family in the project"),
    type: z.string().describe("Type of its model"),
    params: z.record(z.string(), z.unknown()).default({}).describe("The estimator's own parameters"),
    seed: z.int().describe("Seed of every random choice in fitting"),
  })
  .meta({ title: "Family", description: "A kind of model that competes." });

const importanceSchema = z
  .object({
    // Only permutation works for every estimator and can be compared between them, so `auto` means permutation.
    method: z.enum(["auto", "permutation"]).describe("How it is measured"),
    seed: z.int().default(0).describe("Seed of the shuffles"),
    max_rows: z.int().min(1).default(2_000).describe("Maximum number of held-out rows that it is measured on"),
  })
  .meta({ title: "Importance", description: "How the importance of features is measured." });
const importance = importanceSchema
  .default({ method: "auto", seed: 0, max_rows: 2_000 })
  .describe("How the importance of features is measured");

const taskParts = z.object({
  id: z.string().describe("Name of the task in its answer"),
  out: filePath.describe("File of its result; held-out predictions are next to it"),
  signature: z.string().describe("Signature that identifies the evidence; it is copied to the result"),
  view: viewSchema,
  contract: trainedContractSchema,
  feature: featureSchemaSchema,
  folds: foldsSchema,
  project_dir: filePath.describe("The project's folder"),
});

const prepareTaskSchema = taskParts.extend({ kind: z.literal("prepare").describe("Kind of the task") }).meta({
  title: "PrepareTask",
  description: "Count the rows, groups and folds of a view, and check its features one by one.",
});

const foldTaskSchema = taskParts
  .extend({
    kind: z.literal("fold").describe("Kind of the task"),
    family: familySchema,
    fold: z.int().min(0).describe("Number of the fold that is held out"),
    selection: selectionSchema
      .nullable()
      .describe("How features are selected from the fold's training rows; null for all"),
    importance,
  })
  .meta({ title: "FoldTask", description: "Fit a family on a fold's training rows and predict those held out." });

const selectTaskSchema = taskParts
  .extend({
    kind: z.literal("select").describe("Kind of the task"),
    family: familySchema,
    selection: selectionSchema,
    importance,
  })
  .meta({ title: "SelectTask", description: "Select the features of a family from all rows of a view." });

export const assessTaskSchema = z
  .discriminatedUnion("kind", [prepareTaskSchema, foldTaskSchema, selectTaskSchema])
  .meta({ title: "AssessTask", description: "One task of an assessment worker." });

interface AskedTasks {
  readonly prepare: Asked<typeof prepareTaskSchema>;
  readonly fold: Asked<typeof foldTaskSchema>;
  readonly select: Asked<typeof selectTaskSchema>;
}
type Asked<Schema extends z.ZodType> = Omit<Written<Schema>, "id">;

/** A task without its name, which the worker pool assigns. */
export type AssessTaskOf<Kind extends keyof AskedTasks> = AskedTasks[Kind];
export type AssessTask = AskedTasks[keyof AskedTasks];
