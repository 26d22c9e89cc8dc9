import { z } from "zod";
import { columnName, name, schemaVersion } from "../schema-parts.ts";
import { familySchema, segmentsSchema, selectionSchema, targetSchema } from "./targets.ts";

/** `signalbox.yaml`, as it stands in YAML (hence snake_case keys). Every object is strict: an unknown key is an error. */

export const taskSchema = z.enum(["regression", "binary", "multiclass"]);
export type Task = z.output<typeof taskSchema>;

export const projectConfigSchema = z.strictObject({
  version: schemaVersion,
  name: name.describe("Name of the project: experiment and registered model are named after it"),
  type: z.enum(["mlflow_model"]).describe("Kind of project: a model trained on a table"),
  task: taskSchema.describe("What is predicted: a number, one of two classes, or one of several"),
  master: z
    .string()
    .min(1)
    // What lies outside can't be versioned with the project, and isn't there in a clone.
    .regex(/^(?![/\\])(?!(.*[/\\])?\.\.([/\\]|$))/, "a path below the project, without `..`")
    .describe("The master table: a file (Parquet, CSV, JSONL) or a glob of Parquet files, relative to the project"),
  target: columnName.describe("The column to predict; the data contract names the same"),
  positive_class: z
    .union([z.string(), z.number(), z.boolean()])
    .optional()
    .describe("The class a binary model's probability is of; the larger of the two values if not given"),
  tracking: z
    .strictObject({
      uri: z
        .string()
        .optional()
        .describe(
          "MLflow tracking server; a flag and `MLFLOW_TRACKING_URI` go before it, the project's own server comes after it",
        ),
      experiment: z
        .string()
        .min(1)
        .optional()
        .describe("MLflow experiment of the runs; `<name>_training` if not given"),
      registered_model: z
        .string()
        .min(1)
        .optional()
        .describe("Name in MLflow's model registry; `<name>_model` if not given"),
    })
    .optional()
    .describe("Where runs and models are kept"),
  register: z
    .enum(["on_decision", "after_training"])
    .default("on_decision")
    .describe("When a model becomes a registered version: with its decision, or before any gate"),
  executors: z
    .strictObject({
      local: z
        .strictObject({
          threads: z.int().min(1).optional().describe("Threads a job may use; all cores if not given"),
          memory_gib: z
            .number()
            .positive()
            .optional()
            .describe(
              "Memory a job may use, in GiB; without it a split sorts within 1.75 times its table's size on disk (at least 0.6 GB)",
            ),
        })
        .optional()
        .describe("This machine"),
    })
    .optional()
    .describe("Where jobs run"),
  targets: z.array(targetSchema).min(1).optional().describe("Routing: what is predicted, each by models of its own"),
  segments: segmentsSchema.optional().describe("Routing: what the rows are split into for models of their own"),
  families: z
    .record(name, familySchema)
    .optional()
    .describe("Routing: the families of models that compete, by name; a linear one and boosted trees if not given"),
  selection: selectionSchema.optional().describe("Routing: features are selected first, for each target and view"),
  trading_day_minutes: z.number().positive().default(1440).describe("Routing: minutes of one day of `horizon_days`"),
});
export type ProjectConfig = z.output<typeof projectConfigSchema>;
