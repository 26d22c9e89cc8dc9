import { describe, expect, it } from "vitest";
import { type MetricName, metricsOf } from "../../contract/evaluation/metrics.ts";
import { allClasses, classFacts, unknownClasses } from "./class-list.ts";
import { unknownNote } from "./class-notes.ts";
import { measureWithIntervals } from "./intervals.ts";
import { measure } from "./measure.ts";
import { openComputePool } from "./pool.ts";
import { prepareJob } from "./replicates.ts";
import type { ScoredRows } from "./scored-rows.ts";

const floor = -Math.log(1e-15);
const numbers = (...values: readonly number[]) => Float64Array.from(values);

/** Three rows of classes that the model knows, and one of a class that only the test has. */
const unseen: ScoredRows = {
  task: "multiclass",
  target: numbers(0, 1, 1, 2),
  // biome-ignore format: one row of probabilities per line
  prediction: numbers(
    0.8, 0.2, 0,
    0.3, 0.7, 0,
    0.6, 0.4, 0,
    0.9, 0.1, 0,
  ),
  ...{ classCount: 3, classNames: ["low", "mid", "extreme"], unknownClasses: [2] },
};

/** Two classes that the model knows, and a row of neither. */
const third: ScoredRows = {
  task: "binary",
  target: numbers(0, 1, 1, 2),
  prediction: numbers(0.2, 0.9, 0.6, 0.7),
  ...{ classCount: 3, classNames: ["no", "yes", "maybe"], unknownClasses: [2] },
};

/** All rows are of two of the four classes. */
const absent: ScoredRows = {
  task: "multiclass",
  target: numbers(0, 0, 3, 3),
  // biome-ignore format: one row of probabilities per line
  prediction: numbers(
    0.7, 0.1, 0.1, 0.1,
    0.2, 0.2, 0.2, 0.4,
    0.1, 0.1, 0.1, 0.7,
    0.3, 0.3, 0.1, 0.3,
  ),
  ...{ classCount: 4, classNames: ["a", "b", "c", "d"], unknownClasses: [] },
};

const figure = (metric: MetricName, rows: ScoredRows) => measure(metric, rows).value;

describe("a class that only the test has", () => {
  it("is an error of a multi-class model in every metric, and each says so", () => {
    expect(figure("accuracy", unseen)).toBe(2 / 4);
    expect(figure("log_loss", unseen)).toBeCloseTo((-Math.log(0.8) - Math.log(0.7) - Math.log(0.4) + floor) / 4, 12);
    expect(figure("brier", unseen)).toBeCloseTo((0.04 * 2 + 0.09 * 2 + 0.36 * 2 + 0.81 + 0.01 + 1) / 4, 12);
    // low: 1 of 3 predictions right; mid: 1 of 1 found of 2; extreme: never predicted.
    expect(figure("f1", unseen)).toBeCloseTo((2 / 4 + 2 / 3 + 0) / 3, 12);
    // All scores of the unknown class are 0: its own area is ½, its precision its share.
    expect(figure("roc_auc", unseen)).toBeCloseTo((2 / 3 + 1 + 0.5) / 3, 12);
    expect(figure("pr_auc", unseen)).toBeCloseTo((1 / 2 + 1 + 1 / 4) / 3, 12);
    for (const metric of metricsOf("multiclass", { hasGroup: false }))
      expect(measure(metric, unseen).note, metric).toContain(
        "1 row of a class that training never met (extreme) counts as an error",
      );
  });

  it("of a binary model is neither: an error where both classes count, not positive where one does", () => {
    expect(figure("accuracy", third)).toBe(3 / 4);
    expect(figure("log_loss", third)).toBeCloseTo((-Math.log(0.8) - Math.log(0.9) - Math.log(0.6) + floor) / 4, 12);
    // Half the squared error of [0, 0, 1] against [0.3, 0.7, 0].
    expect(figure("brier", third)).toBeCloseTo((0.04 + 0.01 + 0.16 + (1 + 0.49 + 0.09) / 2) / 4, 12);
    expect(figure("f1", third)).toBeCloseTo(4 / 5, 12);
    expect(figure("roc_auc", third)).toBeCloseTo(3 / 4, 12);
    expect(figure("pr_auc", third)).toBeCloseTo(1 / 2 + 1 / 3, 12);
    expect(figure("calibration_error", third)).toBeCloseTo((0.2 + 0.1 + 0.4 + 0.7) / 4, 12);
    const clusters = { of: Int32Array.of(0, 0, 0, 0), count: 1 };
    expect(measure("ndcg", third, clusters).value).toBeCloseTo((1 + 1 / 2) / (1 + 1 / Math.log2(3)), 12);
    expect(measure("accuracy", third).note).toContain("(maybe) counts as an error");
    expect(measure("roc_auc", third).note).toContain("(maybe) counts as not positive");
  });

  it("of a model that knows all classes needs no word", () => {
    expect(unknownNote({ ...unseen, unknownClasses: [] })).toBeNull();
    expect(measure("accuracy", { ...unseen, unknownClasses: [] }).note).toBeNull();
  });

  it("has an interval like any other", async () => {
    const repeated = repeat(unseen, 20);
    const pool = openComputePool({ workers: 0 });
    const metrics = metricsOf("multiclass", { hasGroup: false });
    const measured = await measureWithIntervals({ rows: repeated, metrics, seed: 1, replicates: 99 }, pool);
    for (const metric of metrics) {
      expect(measured[metric]?.low, metric).toBeLessThan(measured[metric]?.high ?? 0);
      expect(measured[metric]?.note, metric).toContain("20 rows of a class that training never met (extreme)");
    }
  });
});

describe("a class that the test doesn't have", () => {
  it("is left out of the mean of areas, which says over which classes it is", () => {
    expect(figure("roc_auc", absent)).toBeCloseTo((3 / 4 + 3 / 4) / 2, 12);
    expect(measure("roc_auc", absent).note).toBe(
      "mean over the 2 of 4 classes that have rows; without any: classes b, c",
    );
    expect(measure("pr_auc", absent).value).not.toBeNull();
    expect(measure("pr_auc", absent).note).toBe(measure("roc_auc", absent).note);
    expect(measure("accuracy", absent)).toMatchObject({ value: 2 / 4, note: null });
  });

  it("is named where nothing can be ranked against the only one", () => {
    const one = { ...absent, target: numbers(0, 0, 0, 0) };
    expect(measure("roc_auc", one)).toMatchObject({ value: null, reason: "all rows are of class a" });
    const negative = { ...third, target: numbers(0, 0, 2, 0) };
    expect(measure("roc_auc", negative).reason).toBe("class yes has no row");
    expect(measure("roc_auc", { ...third, target: numbers(1, 1, 1, 1) }).reason).toBe("class no has no row");
  });

  it("on a resample is left out there, the same on both sides of a comparison", () => {
    const rows = repeat(unseen, 3);
    const job = {
      sides: [rows, rows],
      metrics: ["roc_auc", "pr_auc"] as const,
      clusters: null,
      seed: 5,
      replicates: 300,
    };
    const values = prepareJob(job)(0, 300);
    // A class with a quarter of 12 rows is missing on some 3 % of resamples; none of them is undefined.
    expect([...values].filter(Number.isNaN)).toEqual([]);
    for (let i = 0; i < values.length; i += 2) expect(values[i]).toBe(values[i + 1]);
  });
});

describe("a true class without a probability", () => {
  it("costs the log loss of 1e−15, with the number of such rows", () => {
    const rows: ScoredRows = {
      task: "binary",
      target: numbers(1, 0, 1),
      prediction: numbers(0, 1, 0.5),
      classCount: 2,
    };
    expect(measure("log_loss", rows).value).toBeCloseTo((2 * floor + Math.log(2)) / 3, 10);
    expect(measure("log_loss", rows).note).toBe(
      "2 rows whose true class got a probability below 1e−15 count with 1e−15",
    );
    expect(measure("brier", rows).note).toBeNull();
  });
});

describe("the order of classes", () => {
  it("is that of the models, then what only the test has, and each model lacks what it doesn't know", () => {
    const candidate = { classes: ["b", "a"], unseenClasses: { z: 2, c: 1 } };
    const production = { classes: ["a", "c"], unseenClasses: { b: 4, z: 2 } };
    const classes = allClasses([candidate, production]);
    expect(classes).toEqual(["b", "a", "c", "z"]);
    expect(unknownClasses(classes, candidate)).toEqual([2, 3]);
    expect(unknownClasses(classes, production)).toEqual([0, 3]);
    expect(classFacts("multiclass", classes)).toEqual({ classCount: 4, classNames: classes });
    expect(classFacts("regression", [])).toEqual({ classCount: 1 });
  });
});

function repeat(rows: ScoredRows, times: number): ScoredRows {
  const all = (values: Float64Array) => Float64Array.from(Array.from({ length: times }, () => [...values]).flat());
  return { ...rows, target: all(rows.target), prediction: all(rows.prediction) };
}
