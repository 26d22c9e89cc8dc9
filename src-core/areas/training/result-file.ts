import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import type { TrainResult } from "../../contract/runs/stage-results.ts";
import { readText } from "../../foundation/files/durable.ts";

/** `training.json` as the trainer writes it. */
const trainingFileSchema = z.object({
  schema: z.literal(1),
  model_type: z.string(),
  model_digest: z.string(),
  canonical_digest: z.string(),
  canonical_note: z.string().nullable(),
  files: z.array(z.object({ path: z.string(), sha256: z.string(), size_bytes: z.number() })),
  trained_rows: z.number(),
  features: z.array(z.string()),
  metrics: z.record(z.string(), z.number()),
  params: z.record(z.string(), z.string()),
  fit_seconds: z.number(),
  peak_memory_bytes: z.number().nullable(),
});

/** What training wrote, with paths relative to the project. @throws training/garbage, training/no-metrics */
export function readTraining(file: string, place: { readonly jobId: string; readonly modelDir: string }): TrainResult {
  const parsed = trainingFileSchema.safeParse(parseJson(file));
  if (!parsed.success) {
    throw new AppError({
      code: "training/garbage",
      message: `${file} is not what the trainer writes: ${parsed.error.issues[0]?.message ?? "no JSON"}.`,
      hint: "See the job's output.log; then resume the run.",
      details: { file },
    });
  }
  const it = parsed.data;
  if (Object.keys(it.metrics).length === 0) {
    throw new AppError({
      code: "training/no-metrics",
      message: "Training ended without a single metric: nothing says what was learned.",
      hint: "See the job's output.log; a program of your own must emit at least one metric event.",
      details: { file },
    });
  }
  return {
    jobId: place.jobId,
    modelDir: place.modelDir,
    modelDigest: it.model_digest,
    canonicalDigest: it.canonical_digest,
    canonicalNote: it.canonical_note,
    files: it.files.map((one) => ({ path: one.path, sha256: one.sha256, sizeBytes: one.size_bytes })),
    modelType: it.model_type,
    trainedRows: it.trained_rows,
    features: it.features,
    metrics: it.metrics,
    params: it.params,
    fitSeconds: it.fit_seconds,
    peakMemoryBytes: it.peak_memory_bytes,
  };
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
