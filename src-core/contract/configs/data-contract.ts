import * as z from "zod";
import { columnName, name, rules, scalar, schemaVersion } from "../schema-parts.ts";

/** Schema of `configs/data_contracts/v<N>.yaml`; the keys are those of the YAML file. Every object is strict: an unknown key is an error. */

export const columnTypeSchema = z.enum(["string", "int", "float", "bool", "timestamp", "file", "struct", "list"]);
export type ColumnType = z.output<typeof columnTypeSchema>;

export const contractColumnSchema = z.strictObject({
  type: columnTypeSchema.describe(
    "Type of the values; `file` is a path below the project, and its folder is versioned with the data",
  ),
  non_nullable: z.boolean().default(false).describe("Whether every row must have a value"),
  min: z
    .union([z.number(), z.string()])
    .optional()
    .describe("Smallest value, inclusive: a number, or an ISO 8601 string for a timestamp"),
  max: z
    .union([z.number(), z.string()])
    .optional()
    .describe("Largest value, inclusive: a number, or an ISO 8601 string for a timestamp"),
  format: z.string().optional().describe("Regular expression (RE2) that the whole string must match"),
  allowed_values: z.array(scalar).min(1).optional().describe("Values that are allowed; any other is an error"),
  missing: z
    .array(z.string().min(1))
    .min(1)
    .optional()
    .describe(
      "Strings that are read as missing, without regard to spaces around them: `NA`, `\\N`; any other that isn't a value of the type is an error",
    ),
  known: z
    .enum(["before", "after"])
    .default("before")
    .describe("Whether the value is known before the decision or only after it; a feature marked `after` stops a run"),
  row_counter: z
    .boolean()
    .optional()
    .describe("Whether it only numbers the rows of the file; it is ignored where rows are compared with each other"),
  unit: z.string().optional().describe("Unit of the values, for readers"),
  description: z.string().optional().describe("Description of the column, for readers"),
});
export type ContractColumn = z.output<typeof contractColumnSchema>;

export const dataContractSchema = z.strictObject({
  version: schemaVersion,
  rules,
  primary_key: z
    .union([
      z.array(columnName).min(1),
      z.strictObject({
        digest_of: z
          .array(columnName)
          .min(1)
          .describe("Columns whose values identify a row by their digest; another value makes another row"),
      }),
    ])
    .describe(
      "Columns that together identify a row (no nulls, no duplicates), or the digest of the values in some columns",
    ),
  target: columnName.describe("The column to predict: declared, non_nullable, not part of the key"),
  columns: z
    .record(columnName, contractColumnSchema)
    .describe("Every column by its name; a dotted path reaches into a struct"),
  deduplication: z
    .union([
      z.literal("whole_rows"),
      z.strictObject({
        subset: z.array(columnName).min(1).describe("Columns that are compared"),
        keep: z
          .enum(["first", "last"])
          .describe(
            "Which of the equal rows is kept; they are ordered by `order_by`, then by the string of the whole row",
          ),
        order_by: z.array(columnName).min(1).optional().describe("Columns that order equal rows"),
      }),
    ])
    .optional()
    .describe(
      "Keep only one of the rows that are equal: in every column but row counters (`whole_rows`), or in some columns",
    ),
  strict_columns: z.boolean().default(true).describe("Whether an undeclared column in the table stops a run"),
  exclude: z
    .array(
      z.strictObject({
        name: name.describe("Name of the rule in the manifest"),
        sql: z.string().min(1).describe("One SQL expression; rows where it is true are excluded"),
        reason: z.string().min(1).describe("Why these rows are excluded"),
      }),
    )
    .default([])
    .describe("Rules that exclude rows before any check; the manifest counts the rows of each rule"),
});
export type DataContract = z.output<typeof dataContractSchema>;
