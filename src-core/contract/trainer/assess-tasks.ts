import { z } from "zod";
import { featureSchemaSchema } from "../configs/feature-schema.ts";
import { routingTaskSchema, selectionSchema } from "../configs/targets.ts";
import { columnName } from "../schema-parts.ts";
import { filePath, positiveClass, trainedContractSchema, type Written } from "./spec-parts.ts";

/** What an assessment worker is asked to do: one task a line of its standard input. */

const viewSchema = z
  .object({
    path: filePath.describe("Train side of the target, of all segments: a Parquet file"),
    segment: z
      .object({
        column: columnName.describe("The column that tells segments apart"),
        value: z.string().describe("Its value, as text"),
      })
      .meta({ title: "Segment", description: "A value of the column that tells segments apart." })
      .nullable()
      .describe("The segment whose rows the view has; all rows where null"),
    target: columnName.describe("The column to predict"),
    task: routingTaskSchema,
    positive_class: positiveClass,
  })
  .meta({ title: "AssessedView", description: "The train rows of one target, of all segments or of one." });

export const foldsSchema = z
  .object({
    strategy: z
      .enum(["group", "time", "group_time", "key"])
      .describe("By groups, forward in time, both, or by the key alone"),
    group: z.array(columnName).describe("Columns whose rows belong together"),
    time: columnName.nullable().describe("Column that says what came later, in UTC"),
    embargo_ms: z.int().min(0).default(0).describe("Time left out before what is tested"),
    key: z.array(columnName).describe("Columns that together identify a row"),
    strata: z.array(columnName).describe("Columns whose values each fold has its share of"),
    salt: z.string().describe("Salt of the hashes that deal rows out"),
    max: z.int().min(1).describe("At most so many folds; fewer where there are fewer groups or times"),
  })
  .meta({
    title: "FoldSpec",
    description: "How a view's rows are dealt into folds: whole groups and forward in time, as the split itself is.",
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
    // Permutation is the one measure that every estimator has and that compares between them: `auto` is that.
    method: z.enum(["auto", "permutation"]).describe("How it is measured"),
    seed: z.int().default(0).describe("Seed of the shuffles"),
    max_rows: z.int().min(1).default(2_000).describe("Held-out rows that it is measured on at the most"),
  })
  .meta({ title: "Importance", description: "How the importance of features is measured." });
const importance = importanceSchema
  .default({ method: "auto", seed: 0, max_rows: 2_000 })
  .describe("How the importance of features is measured");

const taskParts = z.object({
  id: z.string().describe("Name of the task in its answer"),
  out: filePath.describe("The file that its result is left in; held-out predictions lie beside it"),
  signature: z.string().describe("What the evidence is found again by; the result has it"),
  view: viewSchema,
  contract: trainedContractSchema,
  feature: featureSchemaSchema,
  folds: foldsSchema,
  project_dir: filePath.describe("The project's folder"),
});

const prepareTaskSchema = taskParts.extend({ kind: z.literal("prepare").describe("Kind of the task") }).meta({
  title: "PrepareTask",
  description: "Count a view's rows, groups and folds, and look at its features one by one.",
});

const foldTaskSchema = taskParts
  .extend({
    kind: z.literal("fold").describe("Kind of the task"),
    family: familySchema,
    fold: z.int().min(0).describe("Number of the fold that is held out"),
    selection: selectionSchema.nullable().describe("How features are chosen from the fold's training rows; null: all"),
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
  .meta({ title: "SelectTask", description: "Choose a family's features from all rows of a view." });

export const assessTaskSchema = z
  .discriminatedUnion("kind", [prepareTaskSchema, foldTaskSchema, selectTaskSchema])
  .meta({ title: "AssessTask", description: "One task of an assessment worker." });

interface AskedTasks {
  readonly prepare: Asked<typeof prepareTaskSchema>;
  readonly fold: Asked<typeof foldTaskSchema>;
  readonly select: Asked<typeof selectTaskSchema>;
}
type Asked<Schema extends z.ZodType> = Omit<Written<Schema>, "id">;

/** A task, but for the name that the worker pool gives it. */
export type AssessTaskOf<Kind extends keyof AskedTasks> = AskedTasks[Kind];
export type AssessTask = AskedTasks[keyof AskedTasks];
