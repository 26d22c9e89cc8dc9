import * as z from "zod";
import { columnName, name } from "../schema-parts.ts";
import { familySchema, segmentsSchema, selectionSchema, targetSchema } from "./targets.ts";

/** Schema of `signalbox.yaml`; the keys are those of the YAML file. Every object is strict: an unknown key is an error. */

export const taskSchema = z.enum(["regression", "binary", "multiclass"]);
export type Task = z.output<typeof taskSchema>;

export const projectConfigSchema = z.strictObject({
  version: z
    .literal(2)
    .describe("Version of the file's schema; projects of version 1, made by Signalbox 0.1.0, can't be continued"),
  name: name.describe("Name of the project; the experiment and the registered model are named after it"),
  id: z
    .string()
    .regex(/^[0-9a-f]{32}$/, "32 hexadecimal digits in lower case")
    .describe(
      "Identity of the project, drawn at random when it is created. Experiments and models on a server carry it; a clone or a copy keeps it",
    ),
  type: z.enum(["mlflow_model"]).describe("Kind of project: a model trained on a table"),
  task: taskSchema.describe("What is predicted: a number, one of two classes, or one of several classes"),
  master: z
    .string()
    .min(1)
    // A file outside the project can't be versioned with it and would be missing in a clone.
    .regex(/^(?![/\\])(?!(.*[/\\])?\.\.([/\\]|$))/, "a path below the project, without `..`")
    .describe("The master table: a file (Parquet, CSV, JSONL) or a glob of Parquet files, relative to the project"),
  target: columnName.describe("The column to predict; the data contract names the same"),
  positive_class: z
    .union([z.string(), z.number(), z.boolean()])
    .optional()
    .describe("The class whose probability a binary model predicts; by default the larger of the two values"),
  tracking: z
    .strictObject({
      uri: z
        .string()
        .optional()
        .describe(
          "MLflow tracking server; a flag and `MLFLOW_TRACKING_URI` take precedence, and the project's own server is the fallback",
        ),
      experiment: z.string().min(1).optional().describe("MLflow experiment of the runs; `<name>_training` by default"),
      registered_model: z
        .string()
        .min(1)
        .optional()
        .describe("Name in MLflow's model registry; `<name>_model` by default"),
    })
    .optional()
    .describe("Where runs and models are kept"),
  register: z
    .enum(["on_decision", "after_training"])
    .default("on_decision")
    .describe("When a model version is registered: with the decision, or before any gate"),
  executors: z
    .strictObject({
      local: z
        .strictObject({
          threads: z.int().min(1).optional().describe("Threads that a job may use; all cores by default"),
          memory_gib: z
            .number()
            .positive()
            .optional()
            .describe(
              "Memory that a job may use, in GiB; without it, a split sorts within 1.75 times the size of its table on disk (at least 572 MiB)",
            ),
        })
        .optional()
        .describe("This machine"),
    })
    .optional()
    .describe("Places where jobs run"),
  targets: z
    .array(targetSchema)
    .min(1)
    .optional()
    .describe("Routing: the targets to predict, each with its own models"),
  segments: segmentsSchema
    .optional()
    .describe("Routing: how the rows are divided into segments that get their own models"),
  families: z
    .record(name, familySchema)
    .optional()
    .describe("Routing: the families of models that compete, by name; a linear model and boosted trees by default"),
  selection: selectionSchema
    .optional()
    .describe("Routing: how features are selected for each target and view; without it, all are used"),
  trading_day_minutes: z.number().positive().default(1440).describe("Routing: minutes in one day of `horizon_days`"),
});
export type ProjectConfig = z.output<typeof projectConfigSchema>;
