import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import type * as z from "zod";
import { recordedSpec } from "../../../test/support/recorded/recorded-specs.ts";
import { assessTaskSchema } from "./assess-tasks.ts";
import { evaluateSpecSchema, trainSpecSchema } from "./job-specs.ts";

const schemas: Readonly<Record<string, z.ZodType>> = {
  train: trainSpecSchema,
  "train-stacking": trainSpecSchema,
  "train-ensemble": trainSpecSchema,
  evaluate: evaluateSpecSchema,
  prepare: assessTaskSchema,
  fold: assessTaskSchema,
  select: assessTaskSchema,
};

test.each(Object.entries(schemas))("what the workbench wrote for %s is what the contract says", (name, schema) => {
  const written: unknown = JSON.parse(readFileSync(recordedSpec(name), "utf8"));
  expect(schema.parse(written)).toMatchObject(name.startsWith("train") ? { target: expect.any(String) } : {});
});

test("no recorded specification is left out", () => {
  const recorded = readdirSync(path.dirname(recordedSpec("train"))).map((file) => path.parse(file).name);
  expect(recorded.toSorted()).toEqual(Object.keys(schemas).toSorted());
});
