import { expect, it } from "vitest";
import { shapeOfType } from "./type-shape.ts";

it("a DuckDB type is read with every name and list in it", () => {
  expect(shapeOfType("BIGINT")).toBe("BIGINT");
  expect(shapeOfType("TIMESTAMP WITH TIME ZONE")).toBe("TIMESTAMP WITH TIME ZONE");
  expect(shapeOfType("MAP(VARCHAR, INTEGER)[]")).toEqual(["MAP(VARCHAR, INTEGER)"]);
  expect(shapeOfType("DOUBLE[][3]")).toEqual([["DOUBLE"]]);
  const nested =
    'STRUCT("a""b" INTEGER, "c d" STRUCT(e DECIMAL(10,2)[], "f,g" DATE)[], "SELECT" TIMESTAMP WITH TIME ZONE, m MAP(VARCHAR, INTEGER), ")" JSON)';
  expect(shapeOfType(nested)).toEqual({
    'a"b': "INTEGER",
    "c d": [{ e: ["DECIMAL(10,2)"], "f,g": "DATE" }],
    SELECT: "TIMESTAMP WITH TIME ZONE",
    m: "MAP(VARCHAR, INTEGER)",
    ")": "JSON",
  });
  expect(() => shapeOfType("STRUCT(a")).toThrow(/Not a/);
});
