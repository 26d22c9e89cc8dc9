import * as z from "zod";

/** Schemas of MLflow's responses. Unknown keys are allowed, because they differ between servers from 2.9 to 3.x. */

/** An int64 is a number, or a string from some servers. */
const int64 = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);
/** protobuf writes numbers that JSON can't represent as strings. */
const double = z.union([z.number(), z.enum(["NaN", "Infinity", "-Infinity"]).transform((text) => Number(text))]);

const pairs = z
  .array(z.object({ key: z.string(), value: z.string().default("") }))
  .default([])
  .transform((list) => Object.fromEntries(list.map((pair) => [pair.key, pair.value])));

const metricPoint = z.object({
  key: z.string(),
  value: double.default(0),
  timestamp: int64.default(0),
  step: int64.default(0),
});

export const runStatusSchema = z.enum(["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]);
export type RunStatus = z.output<typeof runStatusSchema>;

const run = z
  .object({
    info: z.object({
      run_id: z.string(),
      run_name: z.string().default(""),
      experiment_id: z.string(),
      status: runStatusSchema.default("RUNNING"),
      start_time: int64.default(0),
      end_time: int64.nullish(),
      artifact_uri: z.string().default(""),
      lifecycle_stage: z.string().default("active"),
    }),
    data: z
      .object({ metrics: z.array(metricPoint).default([]), params: pairs, tags: pairs })
      .default({ metrics: [], params: {}, tags: {} }),
  })
  .transform(({ info, data }) => ({
    runId: info.run_id,
    name: info.run_name,
    experimentId: info.experiment_id,
    status: info.status,
    startTimeMs: info.start_time,
    endTimeMs: info.end_time ?? null,
    artifactUri: info.artifact_uri,
    isDeleted: info.lifecycle_stage === "deleted",
    params: data.params,
    tags: data.tags,
    /** The last value of each metric. */
    metrics: Object.fromEntries(data.metrics.map((metric) => [metric.key, metric.value])),
    /** The same with step and time. */
    points: data.metrics,
  }));
export type MlflowRun = z.output<typeof run>;

export const runAnswer = z.object({ run });
export const runsAnswer = z.object({ runs: z.array(run).default([]), next_page_token: z.string().optional() });

const experiment = z
  .object({
    experiment_id: z.string(),
    name: z.string(),
    artifact_location: z.string().default(""),
    lifecycle_stage: z.string().default("active"),
    tags: pairs,
  })
  .transform((it) => ({
    experimentId: it.experiment_id,
    name: it.name,
    artifactLocation: it.artifact_location,
    isDeleted: it.lifecycle_stage === "deleted",
    tags: it.tags,
  }));
export type MlflowExperiment = z.output<typeof experiment>;
export const experimentAnswer = z.object({ experiment });
export const experimentsAnswer = z.object({
  experiments: z.array(experiment).default([]),
  next_page_token: z.string().optional(),
});

export const historyAnswer = z.object({
  metrics: z.array(metricPoint).default([]),
  next_page_token: z.string().optional(),
});

const modelVersion = z
  .object({
    name: z.string(),
    version: z.union([z.string(), z.number().transform(String)]),
    run_id: z.string().default(""),
    source: z.string().default(""),
    status: z.string().default("READY"),
    status_message: z.string().default(""),
    current_stage: z.string().default("None"),
    creation_timestamp: int64.default(0),
    tags: pairs,
    aliases: z.array(z.string()).default([]),
  })
  .transform((it) => ({
    name: it.name,
    version: it.version,
    runId: it.run_id,
    source: it.source,
    status: it.status,
    statusMessage: it.status_message,
    stage: it.current_stage,
    createdAtMs: it.creation_timestamp,
    tags: it.tags,
    aliases: it.aliases,
  }));
export type MlflowModelVersion = z.output<typeof modelVersion>;
export const modelVersionAnswer = z.object({ model_version: modelVersion });
export const modelVersionsAnswer = z.object({
  model_versions: z.array(modelVersion).default([]),
  next_page_token: z.string().optional(),
});

const registeredModel = z
  .object({
    name: z.string(),
    description: z.string().default(""),
    tags: pairs,
    aliases: z
      .array(z.object({ alias: z.string(), version: z.union([z.string(), z.number().transform(String)]) }))
      .default([]),
  })
  .transform((it) => ({
    name: it.name,
    description: it.description,
    tags: it.tags,
    /** Versions by alias. */
    aliases: Object.fromEntries(it.aliases.map((entry) => [entry.alias, entry.version])),
  }));
export type MlflowRegisteredModel = z.output<typeof registeredModel>;
export const registeredModelAnswer = z.object({ registered_model: registeredModel });
export const registeredModelsAnswer = z.object({
  registered_models: z.array(registeredModel).default([]),
  next_page_token: z.string().optional(),
});

export const artifactsAnswer = z.object({
  files: z
    .array(z.object({ path: z.string(), is_dir: z.boolean().default(false), file_size: int64.optional() }))
    .default([]),
});

/** For calls whose response isn't used. */
export const emptyAnswer = z.object({});
