import { z } from "zod";
import { featureSchemaSchema } from "../configs/feature-schema.ts";
import { modelSchemaSchema } from "../configs/model-schema.ts";
import { taskSchema } from "../configs/project-config.ts";
import { columnName } from "../schema-parts.ts";
import { filePath, memberSchema, positiveClass, trainedContractSchema, type Written } from "./spec-parts.ts";

/** What the trainer's programs are told, one document each: `spec.json` in a job's folder. */

const version = z.literal(1).describe("Version of the document's schema");
const target = columnName.describe("The column to predict");
const projectDir = filePath.describe("The project's folder");

/** What starts a job, whichever it is: it is read before anything heavy is imported, and before an error has a place to go. */
export const jobSchema = z
  .object({
    schema: version,
    run_id: z.string().describe("The run that the job belongs to"),
    threads: z.int().min(1).describe("Threads of the numerical libraries"),
    output_dir: filePath.describe("Folder of what the job leaves"),
    events_path: filePath.describe("File that the job's events are appended to"),
  })
  .meta({ title: "Job", description: "What every job is told." });

const stackingSchema = memberSchema
  .extend({
    oof_path: filePath.describe(
      "Parquet file of `prediction`, one row for each row of the train set in its order; null where there is none",
    ),
  })
  .meta({ title: "Stacking", description: "The model whose held-out predictions the new one takes as a feature." });

const ensembleSchema = z
  .object({
    members: z.array(memberSchema).min(2).describe("The models that are weighed"),
    oof_path: filePath.describe(
      "Parquet file of `target` and the members' held-out predictions `p0`, `p1`, … of the same rows",
    ),
  })
  .meta({ title: "Ensemble", description: "The models of an ensemble; nothing is fitted but their weights." });

export const trainSpecSchema = jobSchema
  .extend({
    project_dir: projectDir,
    train_path: filePath.describe("The train set, a Parquet file"),
    task: taskSchema,
    target,
    positive_class: positiveClass,
    contract: trainedContractSchema,
    // An ensemble asks for neither of the two.
    feature: featureSchemaSchema.default({ version: 1, numeric: [], categorical: [], text: [], datetime: [] }),
    model: modelSchemaSchema.optional(),
    seed: z.int().describe("Seed of a model whose schema names none"),
    stacking: stackingSchema.optional(),
    ensemble: ensembleSchema.optional(),
  })
  .meta({ title: "TrainSpec", description: "What `train` is asked to do." });

const scoredSetSchema = z
  .object({
    name: z.string().describe("Name of the test, for messages"),
    path: filePath.describe("Its rows, a Parquet file"),
    predictions_path: filePath.describe("Where predictions and losses go"),
  })
  .meta({ title: "ScoredSet", description: "A test to be scored." });

const modelFolder = {
  model_dir: filePath.describe("Folder of the saved model"),
  model_type: z.string().describe("The type it was saved under"),
  expected_digest: z.string().nullable().describe("Digest of its files; null where no run of the project made it"),
  explicit_trust: z.boolean().default(false).describe("A person vouches for it: its types aren't checked"),
};

export const evaluateSpecSchema = jobSchema
  .extend({
    ...modelFolder,
    task: taskSchema,
    target,
    positive_class: positiveClass,
    primary_key: z.array(columnName).describe("Columns that go with each prediction"),
    contract: trainedContractSchema,
    sets: z.array(scoredSetSchema).min(1).describe("The tests"),
  })
  .meta({ title: "EvaluateSpec", description: "What `evaluate` is asked to do." });

const timedModelSchema = memberSchema
  .extend({ name: z.string().describe("Name of the model in the result") })
  .meta({ title: "TimedModel", description: "A model to be timed." });

export const latencySpecSchema = jobSchema
  .extend({
    task: taskSchema,
    table: filePath.describe("Rows to predict, a Parquet file"),
    models: z.array(timedModelSchema).min(1).describe("The models, timed in turns"),
  })
  .meta({ title: "LatencySpec", description: "What `latency` is asked to do." });

export const checkSpecSchema = z
  .object({ schema: version, ...modelFolder })
  .meta({ title: "CheckSpec", description: "What `check-model` is asked to do." });

export const inspectSpecSchema = z
  .object({ schema: version, model: modelSchemaSchema, task: taskSchema, project_dir: projectDir })
  .meta({ title: "InspectSpec", description: "What `inspect` is asked to check as training would." });

export const workerSpecSchema = z
  .object({ schema: version, threads: z.int().min(1).describe("Threads of the numerical libraries") })
  .meta({
    title: "WorkerSpec",
    description: "What `assess-worker` is started with; its tasks come on standard input.",
  });

export const assessSpecSchema = workerSpecSchema
  .extend({ workers: z.int().min(1).describe("Workers that the tasks are shared among") })
  .meta({ title: "AssessSpec", description: "What `assess` is started with; its tasks come on standard input." });

/** What the job's runner adds to every specification. */
type Added = keyof z.input<typeof jobSchema>;

/** A job of the trainer and its specification, without what every job is told. */
export type AskedJob =
  | { readonly command: "train"; readonly spec: Omit<Written<typeof trainSpecSchema>, Added> }
  | { readonly command: "evaluate"; readonly spec: Omit<Written<typeof evaluateSpecSchema>, Added> }
  | { readonly command: "latency"; readonly spec: Omit<Written<typeof latencySpecSchema>, Added> };

export type JobSpec = Written<typeof trainSpecSchema | typeof evaluateSpecSchema | typeof latencySpecSchema>;
export type CompositeSpec = Pick<Written<typeof trainSpecSchema>, "stacking" | "ensemble">;
export type CheckSpec = Written<typeof checkSpecSchema>;
export type AssessSpec = Written<typeof assessSpecSchema>;
