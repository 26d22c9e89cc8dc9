import { existsSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { readText } from "../../../foundation/files/durable.ts";

/** The output of the trainer's assessment worker: a JSON file for each task and, for a fold, its held-out predictions as Parquet. */

const singleFeatureSchema = z
  .object({
    feature: z.string(),
    kind: z.enum(["value", "missing"]),
    /**
     * `value`: the score of the feature alone, out of sample. `missing`: for two classes the share of the rows without it that are
     * of one class; for a number the R² of predicting it from whether the value is missing.
     */
    score: z.number().nullable(),
    detail: z
      .object({
        missing_rows: z.number(),
        class: z.union([z.string(), z.number(), z.boolean()]),
        base_rate: z.number(),
      })
      .partial()
      .nullish(),
  })
  .transform(({ feature, kind, score, detail }) => {
    const { missing_rows, base_rate } = detail ?? {};
    const isWhole = kind === "missing" && missing_rows !== undefined && base_rate !== undefined;
    return {
      feature,
      kind,
      score,
      missing: isWhole ? { missing_rows, base_rate, class: String(detail?.class) } : null,
    };
  });
export type SingleFeature = z.output<typeof singleFeatureSchema>;

const preparedSchema = z.object({
  signature: z.string(),
  rows: z.number(),
  groups: z.number().nullable(),
  folds: z.number(),
  effective_sample_size: z.number().nullable(),
  single_features: z.array(singleFeatureSchema),
  note: z.string().nullish(),
});
export type Prepared = z.output<typeof preparedSchema>;

const failedSchema = z.object({
  signature: z.string(),
  error: z.object({ code: z.string(), message: z.string() }),
});

const foldSchema = z.object({
  signature: z.string(),
  fold: z.number(),
  rows_train: z.number(),
  rows_test: z.number(),
  fit_seconds: z.number(),
  peak_memory_bytes: z.number().nullable(),
  importances: z.record(z.string(), z.number()),
  score: z.number().nullable(),
});
const foldResultSchema = z.union([failedSchema, foldSchema]);
export type FoldResult = z.output<typeof foldResultSchema>;

const selectedSchema = z.union([failedSchema, z.object({ signature: z.string(), features: z.array(z.string()) })]);

/** Files of one view's evidence below `.signalbox/evidence`. */
export function evidencePaths(root: string, viewSignature: string) {
  const folder = path.join(root, viewSignature.slice(0, 32));
  const family = (signature: string) => path.join(folder, signature.slice(0, 16));
  return {
    folder,
    prepared: path.join(folder, "prepare.json"),
    selected: path.join(folder, "select.json"),
    fold: (familySignature: string, fold: number) => path.join(family(familySignature), `fold-${fold}.json`),
    /** Held-out predictions of a fold. */
    heldOut: (familySignature: string, fold: number) => path.join(family(familySignature), `fold-${fold}.parquet`),
  };
}

export const readPrepared = (file: string, signature: string) => readResult(file, preparedSchema, signature);
export const readSelected = (file: string, signature: string) => readResult(file, selectedSchema, signature);
export const readFold = (file: string, signature: string) => readResult(file, foldResultSchema, signature);

/** A result that exists under the same signature; anything else is measured again. */
function readResult<S extends z.ZodType<{ readonly signature: string }>>(
  file: string,
  schema: S,
  signature: string,
): z.output<S> | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const result = schema.parse(JSON.parse(readText(file)));
    return result.signature === signature ? result : undefined;
  } catch {
    return undefined;
  }
}
