import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clustersOf } from "../../foundation/compute/clusters.ts";
import { type Duck, openDuck } from "../../foundation/duck/open.ts";
import { readPredictions } from "./predictions.ts";

let folder: string;
let duck: Duck;
const file = (name: string) => path.join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-predictions-"));
  duck = await openDuck({ tempDirectory: file("duck") });
  const write = (name: string, sql: string) => duck.run(`COPY (${sql}) TO '${file(name)}' (FORMAT parquet)`);
  await write(
    "data.parquet",
    `SELECT * FROM (VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'a', NULL)) t(id, "key two", shop)`,
  );
  await write(
    "regression.parquet",
    `SELECT * FROM (VALUES (3, 'a', 3.5, 3.0), (1, 'a', 1.5, 1.0), (2, 'b', 2.5, 2.0)) t(id, "key two", target, prediction)`,
  );
  await write(
    "binary.parquet",
    `SELECT * FROM (VALUES (1, 'a', 'no', 0.1), (2, 'b', 'yes', 0.9), (3, 'a', 'maybe', 0.5)) t(id, "key two", target, probability)`,
  );
  await write(
    "multi.parquet",
    `SELECT * FROM (VALUES (1, 'a', 'red', 0.7, 0.3), (2, 'b', 'green', 0.4, 0.6)) t(id, "key two", target, probability_0, probability_1)`,
  );
});
afterAll(() => {
  duck.close();
  rmSync(folder, { recursive: true, force: true });
});

const source = (name: string) => ({
  predictionsFile: file(name),
  dataFile: file("data.parquet"),
  primaryKey: ["id", "key two"],
  group: ["shop"],
});

describe("predictions", () => {
  it("of a regression come in key order with the group of each row, a null group being one of its own", async () => {
    const read = await readPredictions(duck, {
      ...source("regression.parquet"),
      task: "regression",
      modelClasses: [],
      classes: [],
    });
    expect(read.keys).toEqual(["1\u001fa", "2\u001fb", "3\u001fa"]);
    expect([...read.target]).toEqual([1.5, 2.5, 3.5]);
    expect([...read.prediction]).toEqual([1, 2, 3]);
    expect(read.clusters).toEqual(["x", "y", "\u001e"]);
  });

  it("of a binary model whose positive class was the other one are turned round", async () => {
    const asked = { ...source("binary.parquet"), task: "binary" as const, classes: ["no", "yes"] };
    const straight = await readPredictions(duck, { ...asked, modelClasses: ["no", "yes"] });
    const turned = await readPredictions(duck, { ...asked, modelClasses: ["yes", "no"] });
    expect([...turned.prediction]).toEqual([...straight.prediction].map((probability) => 1 - probability));
    expect([...turned.target]).toEqual([...straight.target]);
  });

  it("of a binary model are the positive class's; a class training never met has no index", async () => {
    const classes = ["no", "yes"];
    const read = await readPredictions(duck, {
      ...source("binary.parquet"),
      task: "binary",
      modelClasses: classes,
      classes,
    });
    expect([...read.target]).toEqual([0, 1, Number.NaN]);
    expect(read.unseenClasses).toEqual({ maybe: 1 });
    expect([...read.prediction]).toEqual([0.1, 0.9, 0.5]);
  });

  it("of two models are brought into one order of classes, an unknown class getting no probability", async () => {
    const read = await readPredictions(duck, {
      ...source("multi.parquet"),
      task: "multiclass",
      modelClasses: ["red", "green"],
      classes: ["blue", "green", "red"],
    });
    expect([...read.target]).toEqual([2, 1]);
    expect([...read.prediction]).toEqual([0, 0.3, 0.7, 0, 0.6, 0.4]);
  });

  it("without a group have no clusters", async () => {
    const read = await readPredictions(duck, {
      ...source("regression.parquet"),
      group: [],
      task: "regression",
      modelClasses: [],
      classes: [],
    });
    expect(read.clusters).toBeUndefined();
  });
});

describe("clusters", () => {
  it("are numbered in order of appearance", () => {
    expect(clustersOf(["b", "a", "b"])).toEqual({ of: Int32Array.of(0, 1, 0), count: 2 });
    expect(clustersOf(undefined)).toBeNull();
  });
});
