import * as z from "zod";

/** The result of each stage: a JSON document in the run's folder, and the input of the following stages. */

/** A file of a run. `path` is relative to the project and POSIX. */
export const fileFactSchema = z.object({ path: z.string(), sha256: z.string(), sizeBytes: z.number() });
export type FileFact = z.output<typeof fileFactSchema>;

/** A side of a split, in Parquet. `rowDigest` doesn't depend on the version of DuckDB. */
export const sideFactSchema = fileFactSchema.extend({ rows: z.number(), rowDigest: z.string() });
export type SideFact = z.output<typeof sideFactSchema>;

/** Result of a check for leaks: `count` rows; up to `limit` rows are allowed. */
export const splitCheckSchema = z.strictObject({
  check: z.string(),
  count: z.number(),
  limit: z.number(),
  outcome: z.string(),
  note: z.string(),
});
export type SplitCheck = z.output<typeof splitCheckSchema>;

/** What the checks counted when a reference test was made, and the rows of the train set at that time. */
export const firstCountsSchema = z.strictObject({ train_rows: z.number(), counts: z.record(z.string(), z.number()) });
export type FirstCounts = z.output<typeof firstCountsSchema>;

export const splitResultSchema = z.object({
  splitVersion: z.number(),
  /** The sha256 of the master table's bytes; for a glob, of the list of names and digests. */
  masterSha256: z.string(),
  train: sideFactSchema,
  reference: sideFactSchema,
  /** For a job of a plan: the whole frozen reference. `reference` has its rows of one target and segment. */
  sharedReference: sideFactSchema.optional(),
  optional: z.array(sideFactSchema.extend({ name: z.string() })),
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
  manifest: fileFactSchema,
  isReferenceNew: z.boolean(),
  /** Columns that the bootstrap resamples by, if the split has groups. */
  group: z.array(z.string()),
  /** Number of rows by what happened to them. They sum to the rows of the master table. */
  rowCounts: z.record(z.string(), z.number()),
  /** Result of each check for leaks; empty for a split made before the results were kept. */
  checks: z.array(splitCheckSchema).default([]),
  first: firstCountsSchema.optional(),
  warnings: z.array(z.string()),
});
export type SplitResult = z.output<typeof splitResultSchema>;

export const versionedSchema = z.object({
  path: z.string(),
  dvcFile: z.string(),
  /** The md5 in DVC's form; it ends with `.dir` for a folder. */
  hash: z.string(),
  sizeBytes: z.number(),
  files: z.number(),
});
export type Versioned = z.output<typeof versionedSchema>;

export const versionResultSchema = z.object({
  master: z.array(versionedSchema),
  split: versionedSchema,
  reference: versionedSchema,
  pushed: z.boolean(),
});
export type VersionResult = z.output<typeof versionResultSchema>;

export const trainResultSchema = z.object({
  jobId: z.string(),
  /** Folder of the MLflow model, relative to the project. */
  modelDir: z.string(),
  /** The sha256 of the sorted lines `<sha256>  <relative path>\n` of the model's files. */
  modelDigest: z.string(),
  /** The same for the canonical form of the model (renumbered ids, fixed times). An equal refit has the same digest. */
  canonicalDigest: z.string(),
  /** Why the canonical form may still differ between refits, if it may. */
  canonicalNote: z.string().nullable(),
  files: z.array(fileFactSchema),
  modelType: z.string(),
  trainedRows: z.number(),
  features: z.array(z.string()),
  metrics: z.record(z.string(), z.number()),
  params: z.record(z.string(), z.string()),
  fitSeconds: z.number(),
  peakMemoryBytes: z.number().nullable(),
});
export type TrainResult = z.output<typeof trainResultSchema>;

/**
 * A metric with its interval. If `value` is null, it wasn't measured, and `note` says why. Else `note` says what to know of it: classes
 * that training or the test doesn't have, resamples that were left out.
 */
export const measuredSchema = z.object({
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** "percentile bootstrap, 999 replicates, clustered by dest". */
  method: z.string().nullable(),
  confidence: z.number().nullable(),
  n: z.number(),
  note: z.string().nullable(),
  /** Why a measured value has no interval; null if it has one, and where `value` is null. */
  whyNoInterval: z.string().nullable().default(null),
});
export type Measured = z.output<typeof measuredSchema>;

export const evaluatedSetSchema = z.object({
  /** "reference", or the name of an optional test. The prefix of its metrics is `<name>_`. */
  name: z.string(),
  kind: z.enum(["reference", "optional"]),
  data: sideFactSchema,
  /** Predictions and losses of each row by primary key, in Parquet. */
  predictions: fileFactSchema,
  /** Order of the classes in the model's probabilities; empty for a regression. */
  classes: z.array(z.string()),
  /** Rows of each class that training never met. They count as errors. */
  unseenClasses: z.record(z.string(), z.number()).default({}),
  metrics: z.record(z.string(), measuredSchema),
});
export type EvaluatedSet = z.output<typeof evaluatedSetSchema>;

export const evaluateResultSchema = z.object({
  modelUri: z.string(),
  modelDigest: z.string(),
  sets: z.array(evaluatedSetSchema),
  /** How often the reference test had been read before this evaluation. */
  referenceReadsBefore: z.number(),
});
export type EvaluateResult = z.output<typeof evaluateResultSchema>;

export const verdictSchema = z.enum(["INVALID", "REJECT", "PROMOTE", "HOLD"]);
export type Verdict = z.output<typeof verdictSchema>;

export const gateRowSchema = z.object({
  role: z.enum(["validity", "threshold", "primary", "guardrail"]),
  metric: z.string(),
  /** The bound in words: "superiority", "≤ 2 % worse", "≥ 0.8". */
  rule: z.string(),
  // The bound in numbers, and the other facts in the words. Rows from before these were kept have none of them.
  /** For a threshold: the value that the candidate must reach, in the metric's direction. */
  threshold: z.number().optional(),
  /** For primary and guardrails: the improvement must reach `boundAbsolute + boundRelative · |production|`. */
  boundAbsolute: z.number().optional(),
  boundRelative: z.number().optional(),
  /** The bound must be exceeded, not only reached. */
  isBoundStrict: z.boolean().optional(),
  /** For the rows of a test: the share that may be missing on a side. */
  missingShare: z.number().optional(),
  /** For "same rows": production's model was fetched and scored on them, instead of using its own evaluation. */
  isProductionRescored: z.boolean().optional(),
  /** The verdict that this row forces by itself, which locks the promotion. Absent if it locks nothing. */
  locks: z.enum(["INVALID", "REJECT", "HOLD"]).optional(),
  candidate: z.number().nullable(),
  production: z.number().nullable(),
  /** Improvement of the candidate over production, in the metric's unit. Positive is better. */
  improvement: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** One-sided p-value of "not better than the margin". */
  p: z.number().nullable(),
  adjustedP: z.number().nullable(),
  /** Smallest improvement beyond the bound that this comparison could have detected (80 % power), at its level among all tests. */
  minimumDetectable: z.number().nullable().optional(),
  /** Further rows needed to detect an effect of the observed size at that level; null if no number is enough. */
  extraUnitsNeeded: z.number().nullable().optional(),
  outcome: z.enum(["pass", "fail", "undecided", "not measured", "info"]),
  note: z.string().nullable(),
});
export type GateRow = z.output<typeof gateRowSchema>;

/** The gate's answer, before any alias is moved. */
export const gateResultSchema = z.object({
  verdict: verdictSchema,
  reason: z.string(),
  rows: z.array(gateRowSchema),
  rule: z.enum(["bootstrap", "point"]),
  gateHash: z.string(),
  n: z.number(),
  clusters: z.number().nullable(),
  clusterBy: z.array(z.string()),
  alpha: z.number(),
  replicates: z.number(),
  seed: z.number(),
  /** Smallest improvement of the primary metric that this comparison could have detected (80 % power), and the rows it needs. */
  minimumDetectable: z.number().nullable(),
  extraUnitsNeeded: z.number().nullable(),
  /** The class whose probability the figures of two classes are about. Absent for other tasks. */
  positiveClass: z.string().optional(),
});
export type GateResult = z.output<typeof gateResultSchema>;

export const decideResultSchema = z.object({
  gate: gateResultSchema,
  /** The index of the first entry is 1. */
  ledgerIndex: z.number(),
  ledgerHash: z.string(),
  modelName: z.string(),
  modelVersion: z.string(),
  /** Production before the decision; null for a first model. */
  productionBefore: z.object({ version: z.string(), runId: z.string() }).nullable(),
  isAliasMoved: z.boolean(),
  referenceReads: z.number(),
});
export type DecideResult = z.output<typeof decideResultSchema>;

/** The stages that have a result, in the order of the pipeline. */
export const stageResultSchemas = {
  split: splitResultSchema,
  version: versionResultSchema,
  train: trainResultSchema,
  evaluate: evaluateResultSchema,
  decide: decideResultSchema,
} as const;

export type ResultName = keyof typeof stageResultSchemas;
export type StageResults = { readonly [Name in ResultName]: z.output<(typeof stageResultSchemas)[Name]> };
export const resultNames = Object.keys(stageResultSchemas) as readonly ResultName[];

/** All stages. The first two only prepare a run. */
export const stageNames = ["resolve", "start", ...resultNames] as const;
export const stageNameSchema = z.enum(stageNames);
export type StageName = z.output<typeof stageNameSchema>;
