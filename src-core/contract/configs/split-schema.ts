import { z } from "zod";
import { durationSchema } from "../duration.ts";
import { columnName, moment, name, schemaVersion } from "../schema-parts.ts";

/** `configs/splits/v<N>.yaml`, as it stands in YAML (hence snake_case keys). Every object is strict: an unknown key is an error. */

const testName = name.describe("Name of the test; its metrics begin with it");
const optionalTestSchema = z.union([
  z.strictObject({
    name: testName,
    moving_period: z
      .strictObject({
        column: columnName.describe("The time column"),
        durations: z
          .array(durationSchema)
          .min(1)
          .describe("How far back from the test side's latest time; a test each"),
      })
      .describe("The test side's last rows by time"),
  }),
  z.strictObject({
    name: testName,
    filter: z
      .strictObject({ sql: z.string().min(1).describe("One SQL expression; rows where it is true are the test") })
      .describe("The test side's rows that meet a condition"),
  }),
  z.strictObject({
    name: testName,
    slice: z
      .strictObject({ column: columnName.describe("The column whose values make the tests") })
      .describe("A test for each value of a column, named `<name>__<value>`"),
  }),
]);
export type OptionalTest = z.output<typeof optionalTestSchema>;

export const leakSchema = z.enum(["duplicates", "near_duplicates", "time_order", "feature_time", "group_overlap"]);
export type Leak = z.output<typeof leakSchema>;

const splitCommon = {
  version: schemaVersion,
  salt: z.string().min(1).describe("Part of the split's identity: another salt makes another split"),
  optional_tests: z
    .array(optionalTestSchema)
    .default([])
    .describe("Further tests drawn from the test side: each a `moving_period`, a `filter` or a `slice`"),
  max_duplicate_basis_points: z
    .int()
    .min(0)
    .max(10_000)
    .default(100)
    .describe(
      "Rows of the reference that equal a train row in every column but the key stop a run above this share (1/10000)",
    ),
  accept: z
    .array(leakSchema)
    .default([])
    .describe("Findings the author knows of and accepts; they stay in the manifest"),
  decision_time: columnName.optional().describe("The time of the decision: a feature's timestamp after it is a leak"),
};
const group = z.array(columnName).min(1).describe("Columns whose values are kept together on one side");
const testBasisPoints = z.int().min(1).max(9_999).describe("Share of keys or groups on the test side, in 1/10000");
const timeColumn = columnName.describe("The time column that the cut-off is of");
const embargo = durationSchema.optional().describe("Gap before the cut-off whose rows are left out of training");

export const splitSchemaSchema = z.discriminatedUnion("strategy", [
  z.strictObject({
    strategy: z
      .literal("geographic")
      .describe("Listed groups are the test side; the reference test is those inside a closed period"),
    ...splitCommon,
    group,
    test_groups: z
      .array(z.union([z.string(), z.int()]))
      .min(1)
      .describe("Group values of the test side, as text; several group columns are joined by U+001F"),
    closed_period: z
      .strictObject({
        column: columnName.describe("The time column"),
        from: moment.describe("First moment of the period (UTC if no zone is given)"),
        to: moment.describe("First moment after the period"),
      })
      .describe("Test groups inside it are the reference, outside it only in optional tests"),
  }),
  z.strictObject({
    strategy: z.literal("group_hash").describe("Groups are drawn by a hash of their value"),
    ...splitCommon,
    group,
    test_basis_points: testBasisPoints,
  }),
  z.strictObject({
    strategy: z.literal("temporal").describe("Train before the cut-off, test from it on"),
    ...splitCommon,
    column: timeColumn,
    cutoff: moment.describe("First moment of the test side (UTC if no zone is given)"),
    embargo,
  }),
  z.strictObject({
    strategy: z
      .literal("group_temporal")
      .describe("Train groups before the cut-off, test groups from it on; the other rows are left out"),
    ...splitCommon,
    group,
    test_basis_points: testBasisPoints,
    column: timeColumn,
    cutoff: moment.describe("First moment of the test side (UTC if no zone is given)"),
    embargo,
  }),
  z.strictObject({
    strategy: z.literal("stratified_hash").describe("Rows are drawn by a hash of their key"),
    ...splitCommon,
    strata: z
      .array(columnName)
      .default([])
      .describe("Columns of which every value must be on both sides; checked, not hashed"),
    test_basis_points: testBasisPoints,
  }),
]);
export type SplitSchema = z.output<typeof splitSchemaSchema>;

/** Columns whose values are kept together on one side, hence resampled and ranked together; empty where the strategy has none. */
export function groupOf(split: SplitSchema): readonly string[] {
  return "group" in split ? split.group : [];
}
