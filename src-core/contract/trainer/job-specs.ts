import * as z from "zod";
import { featureSchemaSchema } from "../configs/feature-schema.ts";
import { modelSchemaSchema } from "../configs/model-schema.ts";
import { taskSchema } from "../configs/project-config.ts";
import { columnName } from "../schema-parts.ts";
import { filePath, memberSchema, positiveClass, trainedContractSchema, type Written } from "./spec-parts.ts";

/** Specifications of the trainer's programs, one document each: `spec.json` in the folder of a job. */

const version = z.literal(1).describe("Version of the document's schema");
const target = columnName.describe("The column to predict");
const projectDir = filePath.describe("The project's folder");

/** The part that every job has. It is read before heavy imports, and before errors can be reported. */
export const jobSchema = z
  .object({
    schema: version,
    run_id: z.string().describe("The run that the job belongs to"),
    threads: z.int().min(1).describe("Threads of the numerical libraries"),
    output_dir: filePath.describe("Folder of the job's outputs"),
    events_path: filePath.describe("File that the job's events are appended to"),
  })
  .meta({ title: "Job", description: "The part of a specification that every job has." });

const stackingSchema = memberSchema
  .extend({
    oof_path: filePath.describe(
      "Parquet file of `prediction`, one row for each row of the train set in its order; null if there is none",
    ),
  })
  .meta({ title: "Stacking", description: "The model whose held-out predictions are a feature of the new one." });

const ensembleSchema = z
  .object({
    members: z.array(memberSchema).min(2).describe("The models that get weights"),
    oof_path: filePath.describe(
      "Parquet file of `target` and the members' held-out predictions `p0`, `p1`, … of the same rows",
    ),
  })
  .meta({ title: "Ensemble", description: "The models of an ensemble; only their weights are fitted." });

export const trainSpecSchema = jobSchema
  .extend({
    project_dir: projectDir,
    train_path: filePath.describe("The train set, a Parquet file"),
    task: taskSchema,
    target,
    positive_class: positiveClass,
    contract: trainedContractSchema,
    // An ensemble needs neither of the two.
    feature: featureSchemaSchema.default({ version: 1, numeric: [], categorical: [], text: [], datetime: [] }),
    model: modelSchemaSchema.optional(),
    seed: z.int().describe("Seed of a model whose schema has none"),
    stacking: stackingSchema.optional(),
    ensemble: ensembleSchema.optional(),
  })
  .meta({ title: "TrainSpec", description: "Specification of `train`." });

const scoredSetSchema = z
  .object({
    name: z.string().describe("Name of the test, for messages"),
    path: filePath.describe("Its rows, a Parquet file"),
    predictions_path: filePath.describe("File for predictions and losses"),
  })
  .meta({ title: "ScoredSet", description: "A test to be scored." });

const modelFolder = {
  model_dir: filePath.describe("Folder of the saved model"),
  model_type: z.string().describe("The type it was saved under"),
  expected_digest: z.string().nullable().describe("Digest of its files; null if no run of the project made it"),
  explicit_trust: z
    .boolean()
    .default(false)
    .describe("Whether the user trusts it explicitly, so its types aren't checked"),
};

export const evaluateSpecSchema = jobSchema
  .extend({
    ...modelFolder,
    task: taskSchema,
    target,
    positive_class: positiveClass,
    primary_key: z.array(columnName).describe("Columns that are written with each prediction"),
    contract: trainedContractSchema,
    sets: z.array(scoredSetSchema).min(1).describe("The tests"),
  })
  .meta({ title: "EvaluateSpec", description: "Specification of `evaluate`." });

const timedModelSchema = memberSchema
  .extend({ name: z.string().describe("Name of the model in the result") })
  .meta({ title: "TimedModel", description: "A model to be timed." });

export const latencySpecSchema = jobSchema
  .extend({
    task: taskSchema,
    table: filePath.describe("Rows to predict, a Parquet file"),
    models: z.array(timedModelSchema).min(1).describe("The models, which are timed in turns"),
  })
  .meta({ title: "LatencySpec", description: "Specification of `latency`." });

export const checkSpecSchema = z
  .object({ schema: version, ...modelFolder })
  .meta({ title: "CheckSpec", description: "Specification of `check-model`." });

export const inspectSpecSchema = z
  .object({ schema: version, model: modelSchemaSchema, task: taskSchema, project_dir: projectDir })
  .meta({ title: "InspectSpec", description: "Specification of `inspect`, which checks what training would." });

export const workerSpecSchema = z
  .object({ schema: version, threads: z.int().min(1).describe("Threads of the numerical libraries") })
  .meta({
    title: "WorkerSpec",
    description: "Specification of `assess-worker`; its tasks follow on standard input.",
  });

export const assessSpecSchema = workerSpecSchema
  .extend({ workers: z.int().min(1).describe("Workers that the tasks are shared among") })
  .meta({ title: "AssessSpec", description: "Specification of `assess`; its tasks follow on standard input." });

/** The part that the job's runner adds to every specification. */
type Added = keyof z.input<typeof jobSchema>;

/** A job of the trainer and its specification, without the part that every job has. */
export type AskedJob =
  | { readonly command: "train"; readonly spec: Omit<Written<typeof trainSpecSchema>, Added> }
  | { readonly command: "evaluate"; readonly spec: Omit<Written<typeof evaluateSpecSchema>, Added> }
  | { readonly command: "latency"; readonly spec: Omit<Written<typeof latencySpecSchema>, Added> };

export type JobSpec = Written<typeof trainSpecSchema | typeof evaluateSpecSchema | typeof latencySpecSchema>;
export type CompositeSpec = Pick<Written<typeof trainSpecSchema>, "stacking" | "ensemble">;
export type CheckSpec = Written<typeof checkSpecSchema>;
export type AssessSpec = Written<typeof assessSpecSchema>;
