import { z } from "zod";
import { columnName, name, scalar, schemaVersion } from "../schema-parts.ts";

/** `configs/data_contracts/v<N>.yaml`, as it stands in YAML (hence snake_case keys). Every object is strict: an unknown key is an error. */

export const columnTypeSchema = z.enum(["string", "int", "float", "bool", "timestamp", "file", "struct", "list"]);
export type ColumnType = z.output<typeof columnTypeSchema>;

export const contractColumnSchema = z.strictObject({
  type: columnTypeSchema.describe(
    "Type of the values; `file` is a path below the project, whose folder is versioned with the data",
  ),
  non_nullable: z.boolean().default(false).describe("Every row has a value"),
  min: z
    .union([z.number(), z.string()])
    .optional()
    .describe("Smallest value, inclusive: a number, or an ISO 8601 text for a timestamp"),
  max: z
    .union([z.number(), z.string()])
    .optional()
    .describe("Largest value, inclusive: a number, or an ISO 8601 text for a timestamp"),
  format: z.string().optional().describe("Regular expression (RE2) that the whole text must match"),
  allowed_values: z.array(scalar).min(1).optional().describe("The only values a row may have"),
  known: z
    .enum(["before", "after"])
    .default("before")
    .describe("Whether the value is known before the decision or only after it; a feature that is `after` stops a run"),
  unit: z.string().optional().describe("Unit of the values, for people"),
  description: z.string().optional().describe("What the column is, for people"),
});
export type ContractColumn = z.output<typeof contractColumnSchema>;

export const dataContractSchema = z.strictObject({
  version: schemaVersion,
  primary_key: z.array(columnName).min(1).describe("Columns that together identify a row: no nulls, no duplicates"),
  target: columnName.describe("The column to predict: declared, non_nullable, not part of the key"),
  columns: z
    .record(columnName, contractColumnSchema)
    .describe("Every column by its name; a dotted path reaches into a struct"),
  deduplication: z
    .strictObject({
      subset: z.array(columnName).min(1).describe("Columns in which rows are compared"),
      keep: z
        .enum(["first", "last"])
        .describe("Which of equal rows stays, in the order of `order_by` and then of the whole row's text"),
      order_by: z.array(columnName).min(1).optional().describe("Columns that order equal rows"),
    })
    .optional()
    .describe("Of rows that are equal in some columns one is kept"),
  strict_columns: z.boolean().default(true).describe("A column of the table that is not declared stops a run"),
  exclude: z
    .array(
      z.strictObject({
        name: name.describe("Name of the rule in the manifest"),
        sql: z.string().min(1).describe("One SQL expression; rows where it is true are left out"),
        reason: z.string().min(1).describe("Why these rows are left out"),
      }),
    )
    .default([])
    .describe("Rows left out before anything is checked; each rule's rows are counted in the manifest"),
});
export type DataContract = z.output<typeof dataContractSchema>;
