import { describe, expect, test } from "vitest";
import { dataContractSchema } from "../../../contract/configs/data-contract.ts";
import { featureSchemaSchema } from "../../../contract/configs/feature-schema.ts";
import { columnsNamed, type Target } from "../policy/targets.ts";
import { featureSetId, knownAfter, viewFeatures } from "./view-features.ts";

const columns = ["dep_delay", "arr_delay", "arr", "air time", "Distance", "carrier"];
const schema = featureSchemaSchema.parse({
  version: 1,
  numeric: [{ columns: ["Distance", "arr", "dep_delay"] }, { columns: ["air time", "arr_delay"] }],
  categorical: [{ columns: ["carrier"], encode: "onehot" }],
});

function target(name: string, more: Partial<Target>): Target {
  const base = { column: name, sql: null, task: "regression", metric: "r2", positiveClass: null } as const;
  return { name, ...base, horizonMinutes: null, families: [], promotion: "p", reads: [name], ...more };
}
const computed = (name: string, sql: string) => target(name, { sql, reads: columnsNamed(sql, columns) });

describe("features of a project with several targets", () => {
  test("exclude every target's column and what its SQL reads, with the reason", () => {
    const found = viewFeatures(schema, [target("arr_delay", {}), computed("made_up", 'dep_delay - "air time"')]);
    expect(found.features).toEqual(["Distance", "arr", "carrier"]);
    expect(found.excluded).toEqual([
      { feature: "dep_delay", reason: "is read by the target made_up" },
      { feature: "air time", reason: "is read by the target made_up" },
      { feature: "arr_delay", reason: "is the target arr_delay" },
    ]);
  });

  test("keep the schema's order, and are all of it if no target reads one", () => {
    const { features, excluded } = viewFeatures(schema, [target("cancelled", {})]);
    expect(features).toEqual(["Distance", "arr", "dep_delay", "air time", "arr_delay", "carrier"]);
    expect(excluded).toEqual([]);
  });
});

describe("the columns an expression reads", () => {
  test.each([
    ["arr_delay > 15", ["arr_delay"]],
    ["ARR_DELAY > 15", ["arr_delay"]],
    ["distance / 2", ["Distance"]],
    ['"air time" > 1', ["air time"]],
    ["t.arr_delay>15", ["arr_delay"]],
    ["abs(dep_delay-arr_delay)", ["dep_delay", "arr_delay"]],
    ["my_arr_delay", []],
    ["arr_delay2", []],
    ["'carrier' = 'x'", ["carrier"]],
  ])("of %j are %j", (sql, expected) => {
    expect(columnsNamed(sql, columns)).toEqual(expected);
  });
});

test.each([
  ["weather.wind > 3", ["weather.wind", "weather.rain"]],
  ['"weather"."wind" > 3', ["weather.wind", "weather.rain"]],
  ["weather['wind'] > 3", ["weather.wind", "weather.rain"]],
  ["struct_extract(weather, 'wind') > 3", ["weather.wind", "weather.rain"]],
  ["wind > 3", []],
  ['"a""b" > 1', ['a"b']],
])("of a struct are all its fields for %j, however it is spelled", (sql, expected) => {
  expect(columnsNamed(sql, ["weather.wind", "weather.rain", 'a"b'])).toEqual(expected);
});

describe("a feature set", () => {
  test("is named by its ordered features alone", () => {
    expect(featureSetId(["a", "b"])).toMatch(/^[0-9a-f]{16}$/);
    expect(featureSetId(["a", "b"])).toBe(featureSetId(["a", "b"]));
    const others = [["b", "a"], ["a"], ["ab"], ["a,b"], []].map(featureSetId);
    expect(new Set([featureSetId(["a", "b"]), ...others]).size).toBe(6);
  });
});

test("features that the contract marks as known only afterwards are found", () => {
  const contract = dataContractSchema.parse({
    version: 1,
    rules: 2,
    primary_key: ["id"],
    target: "y",
    columns: {
      id: { type: "int" },
      y: { type: "float", known: "after" },
      a: { type: "float" },
      late: { type: "float", known: "after" },
    },
  });
  expect(knownAfter(["a", "late", "unheard of"], contract)).toEqual(["late"]);
});
