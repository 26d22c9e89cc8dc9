import * as z from "zod";
import { columnName, moment, scalar } from "../schema-parts.ts";

/** The blocks of a feature schema, one for each kind of column. */

const columns = z.array(columnName).min(1).describe("Columns of the data contract");

export const numericBlockSchema = z.strictObject({
  columns,
  impute: z
    .union([
      z.enum(["mean", "median", "most_frequent"]),
      z.strictObject({ constant: z.number().describe("The value") }),
    ])
    .optional()
    .describe("Replacement for a missing value; required if a column is nullable"),
  clip: z
    .strictObject({
      min: z.number().optional().describe("Lower bound, in the column's unit"),
      max: z.number().optional().describe("Upper bound, in the column's unit"),
    })
    .optional()
    .describe("Bounds that values are clipped to, after imputation"),
  scale: z.enum(["standard", "minmax", "robust"]).optional().describe("Scaling, after clipping"),
});

export const categoricalBlockSchema = z.strictObject({
  columns,
  impute: z
    .union([z.enum(["most_frequent"]), z.strictObject({ constant: scalar.describe("The value") })])
    .optional()
    .describe("Replacement for a missing value; required if a column is nullable"),
  encode: z
    .enum(["onehot", "ordinal", "binary", "target"])
    .describe(
      "Encoding: a column per category, its rank, the binary digits of its number, or the target's cross-fitted mean",
    ),
  order: z
    .record(columnName, z.array(scalar).min(1))
    .optional()
    .describe("`ordinal`: the values of each column from lowest to highest"),
  min_frequency: z.int().min(1).optional().describe("`onehot`: categories with fewer training rows share one column"),
  folds: z.int().min(2).max(20).optional().describe("`target`: folds of the cross-fitting"),
  smooth: z
    .union([z.literal("auto"), z.number().min(0)])
    .optional()
    .describe("`target`: weight of the overall mean; `auto` is empirical Bayes"),
});

export const textBlockSchema = z.strictObject({
  column: columnName.describe("The column of strings"),
  vectorize: z
    .enum(["hashing", "tfidf"])
    .describe(
      "How words are turned into numbers. A letter, a run of symbols (stars) and a character of a script without spaces (Chinese, Japanese, Thai) are words too",
    ),
  max_features: z
    .int()
    .min(1)
    .optional()
    .describe("Number of buckets (`hashing`) or of words in the vocabulary (`tfidf`)"),
  ngrams: z
    .tuple([z.int().min(1), z.int().min(1)])
    .optional()
    .describe("Fewest and most consecutive words of an n-gram"),
  impute: z
    .strictObject({ constant: z.string().describe("The string") })
    .optional()
    .describe("Replacement for a missing string; required if the column is nullable"),
});

export const datetimeBlockSchema = z.strictObject({
  columns,
  parts: z
    .array(z.enum(["year", "month", "day", "hour", "minute", "weekday", "day_of_year", "is_weekend", "epoch_days"]))
    .min(1)
    .describe("Parts that are extracted from each time, in UTC"),
  cyclic: z.boolean().default(false).describe("Whether to add the sine and cosine of each periodic part"),
  impute: z
    .union([z.enum(["most_frequent"]), z.strictObject({ constant: moment.describe("The time") })])
    .optional()
    .describe("Replacement for a missing time; required if a column is nullable"),
});
