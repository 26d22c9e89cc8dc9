import * as z from "zod";
import { durationSchema } from "../duration.ts";
import { columnName, momentOrYear, name, rules, schemaVersion } from "../schema-parts.ts";

/** Schema of `configs/splits/v<N>.yaml`; the keys are those of the YAML file. Every object is strict: an unknown key is an error. */

const testName = name.describe("Name of the test; its metrics have this prefix");
const optionalTestSchema = z.union([
  z.strictObject({
    name: testName,
    moving_period: z
      .strictObject({
        column: columnName.describe("The time column, or one of whole years"),
        durations: z
          .array(durationSchema)
          .min(1)
          .describe("How far back from the latest time of the test side; each period makes one test"),
      })
      .describe("The latest rows of the test side"),
  }),
  z.strictObject({
    name: testName,
    filter: z
      .strictObject({ sql: z.string().min(1).describe("One SQL expression; the test has the rows where it is true") })
      .describe("The rows of the test side that meet a condition"),
  }),
  z.strictObject({
    name: testName,
    slice: z
      .strictObject({ column: columnName.describe("Column whose values define the tests") })
      .describe("A test for each value of a column, named `<name>__<value>`"),
  }),
]);
export type OptionalTest = z.output<typeof optionalTestSchema>;

export const leakSchema = z.enum([
  "duplicates",
  "near_duplicates",
  "identifier_overlap",
  "changed_rows",
  "time_order",
  "feature_time",
  "group_overlap",
]);
export type Leak = z.output<typeof leakSchema>;

const splitCommon = {
  version: schemaVersion,
  rules,
  salt: z.string().min(1).describe("Part of the split's identity; another salt gives another split"),
  optional_tests: z
    .array(optionalTestSchema)
    .default([])
    .describe("Further tests drawn from the test side, each a `moving_period`, a `filter` or a `slice`"),
  max_duplicate_basis_points: z
    .int()
    .min(0)
    .max(10_000)
    .default(100)
    .describe(
      "Largest share (1/10000) of reference rows that equal a train row in every column except the key; a larger one stops a run",
    ),
  accept: z
    .array(leakSchema)
    .default([])
    .describe("Findings that the author knows and accepts; the manifest still lists them"),
  decision_time: columnName.optional().describe("Time of the decision; a feature with a later timestamp is a leak"),
};
const group = z.array(columnName).min(1).describe("Columns that define a group; all rows of a group are on one side");
const testBasisPoints = z.int().min(1).max(9_999).describe("Share of keys or groups on the test side (1/10000)");
const timeColumn = columnName.describe("The time column that the cut-off applies to, or one of whole years");
const embargo = durationSchema.optional().describe("Gap before the cut-off; its rows are excluded from training");

export const splitSchemaSchema = z.discriminatedUnion("strategy", [
  z.strictObject({
    strategy: z
      .literal("geographic")
      .describe("The listed groups are the test side; their rows inside a closed period are the reference test"),
    ...splitCommon,
    group,
    test_groups: z
      .array(z.union([z.string(), z.int()]))
      .min(1)
      .describe("Group values of the test side, as strings; the values of several group columns are joined by U+001F"),
    closed_period: z
      .strictObject({
        column: columnName.describe("The time column, or one of whole years"),
        from: momentOrYear.describe("First moment of the period (UTC if no zone is given), or its first year"),
        to: momentOrYear.describe("First moment after the period, or the year after it"),
      })
      .describe(
        "Rows of the test groups inside this period are the reference; those outside are only in optional tests",
      ),
  }),
  z.strictObject({
    strategy: z.literal("group_hash").describe("Groups are drawn by the hash of their value"),
    ...splitCommon,
    group,
    test_basis_points: testBasisPoints,
  }),
  z.strictObject({
    strategy: z.literal("temporal").describe("Rows before the cut-off are for training, the others for testing"),
    ...splitCommon,
    column: timeColumn,
    cutoff: momentOrYear.describe("First moment of the test side (UTC if no zone is given), or its first year"),
    embargo,
  }),
  z.strictObject({
    strategy: z
      .literal("group_temporal")
      .describe("Train groups before the cut-off, test groups from it on; all other rows are excluded"),
    ...splitCommon,
    group,
    test_basis_points: testBasisPoints,
    column: timeColumn,
    cutoff: momentOrYear.describe("First moment of the test side (UTC if no zone is given), or its first year"),
    embargo,
  }),
  z.strictObject({
    strategy: z.literal("stratified_hash").describe("Rows are drawn by the hash of their key"),
    ...splitCommon,
    strata: z
      .array(columnName)
      .default([])
      .describe("Columns whose values must each be on both sides; this is checked, the hash doesn't use them"),
    test_basis_points: testBasisPoints,
  }),
]);
export type SplitSchema = z.output<typeof splitSchemaSchema>;

/** Returns the group columns: their rows are on one side, and are resampled and ranked together. Empty if the strategy has none. */
export function groupOf(split: SplitSchema): readonly string[] {
  return "group" in split ? split.group : [];
}
