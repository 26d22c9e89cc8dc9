import { expect, test } from "vitest";
import { splitSchemaSchema } from "../../../contract/configs/split-schema.ts";
import { foldSpecOf } from "./fold-spec.ts";

const folds = (split: object) =>
  foldSpecOf(splitSchemaSchema.parse({ version: 1, rules: 2, salt: "s", ...split }), ["carrier", "flight"]);

test("groups of the split stay together in the folds too", () => {
  const strategy = { strategy: "group_hash", group: ["day"], test_basis_points: 2_000 };
  expect(folds(strategy)).toMatchObject({ strategy: "group", group: ["day"], time: null, embargo_ms: 0 });
});

test("a split by time has folds forward in time, with its embargo", () => {
  const split = { strategy: "temporal", column: "at", cutoff: "2013-02-01", embargo: "2d" };
  expect(folds(split)).toMatchObject({ strategy: "time", group: [], time: "at", embargo_ms: 172_800_000 });
  expect(folds({ ...split, embargo: undefined })).toMatchObject({ embargo_ms: 0 });
});

test("a split by group and time has folds by both", () => {
  const split = { strategy: "group_temporal", group: ["shop"], column: "at", cutoff: "2013-02-01", embargo: "1h" };
  expect(folds({ ...split, test_basis_points: 2_000 })).toMatchObject({
    strategy: "group_time",
    group: ["shop"],
    time: "at",
    embargo_ms: 3_600_000,
  });
});

test("a split by row divides rows by their key within its strata", () => {
  const split = { strategy: "stratified_hash", strata: ["region"], test_basis_points: 2_000 };
  expect(folds(split)).toMatchObject({ strategy: "key", key: ["carrier", "flight"], strata: ["region"] });
});

test("at most five folds, divided by the split's own salt", () => {
  const split = { strategy: "stratified_hash", test_basis_points: 2_000 };
  expect(folds(split)).toMatchObject({ max: 5, salt: "s" });
});
