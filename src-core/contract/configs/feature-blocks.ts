import { z } from "zod";
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
    .describe("What stands for a missing value; needed where a column is nullable"),
  clip: z
    .strictObject({
      min: z.number().optional().describe("Lower bound, in the column's unit"),
      max: z.number().optional().describe("Upper bound, in the column's unit"),
    })
    .optional()
    .describe("Bounds that values are cut to, after imputation"),
  scale: z.enum(["standard", "minmax", "robust"]).optional().describe("Scaling, after clipping"),
});

export const categoricalBlockSchema = z.strictObject({
  columns,
  impute: z
    .union([z.enum(["most_frequent"]), z.strictObject({ constant: scalar.describe("The value") })])
    .optional()
    .describe("What stands for a missing value; needed where a column is nullable"),
  encode: z
    .enum(["onehot", "ordinal", "binary", "target"])
    .describe("A column per category, its rank, its number's binary digits, or the target's cross-fitted mean"),
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
  column: columnName.describe("The text column"),
  vectorize: z.enum(["hashing", "tfidf"]).describe("How words become numbers"),
  max_features: z.int().min(1).optional().describe("`hashing`: buckets; `tfidf`: words of the vocabulary"),
  ngrams: z
    .tuple([z.int().min(1), z.int().min(1)])
    .optional()
    .describe("Shortest and longest run of words that counts as one"),
  impute: z
    .strictObject({ constant: z.string().describe("The text") })
    .optional()
    .describe("What stands for a missing text; needed where the column is nullable"),
});

export const datetimeBlockSchema = z.strictObject({
  columns,
  parts: z
    .array(z.enum(["year", "month", "day", "hour", "minute", "weekday", "day_of_year", "is_weekend", "epoch_days"]))
    .min(1)
    .describe("What is taken of each time, in UTC"),
  cyclic: z.boolean().default(false).describe("Sine and cosine beside each part that comes round again"),
  impute: z
    .union([z.enum(["most_frequent"]), z.strictObject({ constant: moment.describe("The time") })])
    .optional()
    .describe("What stands for a missing time; needed where a column is nullable"),
});
