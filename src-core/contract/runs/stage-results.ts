import { z } from "zod";

/** What each stage leaves behind: one JSON document per stage in the run's folder, and the input of the stages after it. */

/** A file of a run. `path` is project-relative and POSIX. */
export const fileFactSchema = z.object({ path: z.string(), sha256: z.string(), sizeBytes: z.number() });
export type FileFact = z.output<typeof fileFactSchema>;

/** A Parquet side of a split; `rowDigest` is the same across DuckDB versions. */
export const sideFactSchema = fileFactSchema.extend({ rows: z.number(), rowDigest: z.string() });
export type SideFact = z.output<typeof sideFactSchema>;

/** What one check for leaks saw: `count` rows, where up to `limit` are none. */
export const splitCheckSchema = z.strictObject({
  check: z.string(),
  count: z.number(),
  limit: z.number(),
  outcome: z.string(),
  note: z.string(),
});
export type SplitCheck = z.output<typeof splitCheckSchema>;

export const splitResultSchema = z.object({
  splitVersion: z.number(),
  /** sha256 of the master's bytes (of the list of names and digests for a glob). */
  masterSha256: z.string(),
  train: sideFactSchema,
  reference: sideFactSchema,
  /** Of a job of a plan: the whole frozen reference, whose rows of one target and segment `reference` holds. */
  sharedReference: sideFactSchema.optional(),
  optional: z.array(sideFactSchema.extend({ name: z.string() })),
  skipped: z.array(z.object({ name: z.string(), reason: z.string() })),
  manifest: fileFactSchema,
  isReferenceNew: z.boolean(),
  /** Columns the bootstrap resamples by, where the split has a group. */
  group: z.array(z.string()),
  /** What became of every row of the master, by name; sums to the master's rows. */
  rowCounts: z.record(z.string(), z.number()),
  /** What each check for leaks saw; empty in the result of a split before they were kept here. */
  checks: z.array(splitCheckSchema).default([]),
  warnings: z.array(z.string()),
});
export type SplitResult = z.output<typeof splitResultSchema>;

export const versionedSchema = z.object({
  path: z.string(),
  dvcFile: z.string(),
  /** md5 as DVC writes it; `….dir` for a folder. */
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
  /** Project-relative folder of the MLflow model. */
  modelDir: z.string(),
  /** sha256 over the sorted lines `<sha256>  <relative path>\n` of the model's files. */
  modelDigest: z.string(),
  /** The same over the model's canonical form (renumbered ids, fixed times); equal on an equal refit. */
  canonicalDigest: z.string(),
  /** Why the canonical form may still vary between refits, where it may. */
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

/** A figure with its interval; `value` null is "not measured", and `note` says why. */
export const measuredSchema = z.object({
  value: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** "percentile bootstrap, 999 replicates, clustered by dest". */
  method: z.string().nullable(),
  confidence: z.number().nullable(),
  n: z.number(),
  note: z.string().nullable(),
});
export type Measured = z.output<typeof measuredSchema>;

export const evaluatedSetSchema = z.object({
  /** "reference", or the optional test's name; the metric prefix is `<name>_`. */
  name: z.string(),
  kind: z.enum(["reference", "optional"]),
  data: sideFactSchema,
  /** Per-row predictions and losses by primary key, as Parquet. */
  predictions: fileFactSchema,
  /** Class order of the model's probabilities; empty for a regression. */
  classes: z.array(z.string()),
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
  // The bound in numbers, and what else the words say; rows decided before these were kept have none of them.
  /** Of a threshold: what the candidate's own figure must reach, in the metric's direction. */
  threshold: z.number().optional(),
  /** Of primary and guardrails: the improvement must reach `boundAbsolute + boundRelative · |production|`. */
  boundAbsolute: z.number().optional(),
  boundRelative: z.number().optional(),
  /** Just to reach it isn't enough. */
  isBoundStrict: z.boolean().optional(),
  /** Of a test's rows: the share of them that may be missing on a side. */
  missingShare: z.number().optional(),
  /** Of "same rows": production's model was fetched and scored on them, instead of its own evaluation being taken. */
  isProductionRescored: z.boolean().optional(),
  /** The verdict that this row alone forces: what locks the promotion. Absent where it locks nothing. */
  locks: z.enum(["INVALID", "REJECT", "HOLD"]).optional(),
  candidate: z.number().nullable(),
  production: z.number().nullable(),
  /** Improvement of the candidate over production, positive is better, in the metric's unit. */
  improvement: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** One-sided p of "not better than the margin". */
  p: z.number().nullable(),
  adjustedP: z.number().nullable(),
  /** Smallest improvement beyond the rule's bound that this comparison could have found (80 % power), at its level among all. */
  minimumDetectable: z.number().nullable().optional(),
  /** Further rows for an effect of the size seen to be found at that level; null where no number would do. */
  extraUnitsNeeded: z.number().nullable().optional(),
  outcome: z.enum(["pass", "fail", "undecided", "not measured", "info"]),
  note: z.string().nullable(),
});
export type GateRow = z.output<typeof gateRowSchema>;

/** The gate's answer before anything is moved. */
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
  /** Smallest improvement of the primary this comparison could have found (80 % power), and the rows it would take. */
  minimumDetectable: z.number().nullable(),
  extraUnitsNeeded: z.number().nullable(),
});
export type GateResult = z.output<typeof gateResultSchema>;

export const decideResultSchema = z.object({
  gate: gateResultSchema,
  /** First entry's index is 1. */
  ledgerIndex: z.number(),
  ledgerHash: z.string(),
  modelName: z.string(),
  modelVersion: z.string(),
  /** Production before the decision, null for a first model. */
  productionBefore: z.object({ version: z.string(), runId: z.string() }).nullable(),
  isAliasMoved: z.boolean(),
  referenceReads: z.number(),
});
export type DecideResult = z.output<typeof decideResultSchema>;

/** The stages that leave a result, in the order in which pipelines have them. */
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

/** Every stage: the two that only prepare a run come first. */
export const stageNames = ["resolve", "start", ...resultNames] as const;
export const stageNameSchema = z.enum(stageNames);
export type StageName = z.output<typeof stageNameSchema>;
