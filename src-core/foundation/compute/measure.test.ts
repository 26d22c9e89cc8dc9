import { describe, expect, it } from "vitest";
import { type MetricName, metricRegistry, metricsOf } from "../../contract/evaluation/metrics.ts";
import { measure, prepareMetric } from "./measure.ts";
import { rankingPerQuery } from "./ranking.ts";
import { prepareJob } from "./replicates.ts";
import type { ScoredRows } from "./scored-rows.ts";

// Expected values: scikit-learn 1.x on the same numbers (root_mean_squared_error, mean_absolute_error, r2_score,
// mean_absolute_percentage_error, mean_pinball_loss(alpha=.5), root_mean_squared_log_error, log_loss, roc_auc_score
// (multi_class="ovr"), average_precision_score (macro over one-hot), f1_score, accuracy_score, brier_score_loss), weighted
// ones with sample_weight.
const numbers = (...values: readonly number[]) => Float64Array.from(values);
const regression: ScoredRows = {
  task: "regression",
  target: numbers(3, -0.5, 2, 7, 4.25, 0.75),
  prediction: numbers(2.5, 0, 2, 8, 4, -1),
  classCount: 1,
};
const binary: ScoredRows = {
  task: "binary",
  target: numbers(0, 1, 1, 0, 1, 0, 1, 0),
  prediction: numbers(0.1, 0.8, 0.35, 0.35, 0.9, 0.6, 0.5, 0),
  classCount: 2,
};
const multiclass: ScoredRows = {
  task: "multiclass",
  target: numbers(0, 1, 2, 2, 1, 0),
  // biome-ignore format: one row of probabilities per line
  prediction: numbers(
    0.7, 0.2, 0.1,
    0.2, 0.5, 0.3,
    0.1, 0.2, 0.7,
    0.3, 0.4, 0.3,
    0.25, 0.25, 0.5,
    0.6, 0.3, 0.1,
  ),
  classCount: 3,
};

const known: readonly (readonly [string, ScoredRows, MetricName, number])[] = [
  ["regression", regression, "rmse", 0.8779711460710616],
  ["regression", regression, "mae", 2 / 3],
  ["regression", regression, "r2", 0.869718309859155],
  ["regression", regression, "mape", 0.6169467787114846],
  ["regression", regression, "pinball", 1 / 3],
  ["binary", binary, "log_loss", 0.44048844195688697],
  ["binary", binary, "roc_auc", 0.84375],
  ["binary", binary, "pr_auc", 0.8541666666666666],
  ["binary", binary, "f1", 0.5714285714285714],
  ["binary", binary, "accuracy", 0.625],
  ["binary", binary, "brier", 0.151875],
  ["multi-class", multiclass, "log_loss", 0.7512649762748712],
  ["multi-class", multiclass, "roc_auc", 0.8541666666666666],
  ["multi-class", multiclass, "pr_auc", 0.8333333333333334],
  ["multi-class", multiclass, "f1", 2 / 3],
  ["multi-class", multiclass, "accuracy", 2 / 3],
  ["multi-class", multiclass, "brier", 0.4225],
];

function weighted(rows: ScoredRows, metric: MetricName, weights: readonly number[]): number | null {
  const prepared = prepareMetric(metric, rows, null);
  if (prepared.kind === "unmeasured") return null;
  const counts = Uint32Array.from(weights);
  if (prepared.kind === "weighted") return prepared.evaluate(counts);
  const sums = prepared.columns.map((column) => column.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0));
  return prepared.finish(
    Float64Array.from(sums),
    weights.reduce((sum, weight) => sum + weight, 0),
  );
}

describe("metrics", () => {
  it.each(known)("of %s rows agree with scikit-learn: %o %s", (_task, rows, metric, expected) => {
    expect(measure(metric, rows).value).toBeCloseTo(expected, 12);
  });

  it("rmsle clamps predictions at 0", () => {
    const rows = { ...regression, target: regression.target.map(Math.abs) };
    expect(measure("rmsle", rows).value).toBeCloseTo(0.2920204731476051, 12);
  });

  it.each([
    ["log_loss", 0.28656476140955917],
    ["roc_auc", 1],
    ["pr_auc", 1],
    ["f1", 0.8571428571428571],
    ["accuracy", 0.9],
    ["brier", 0.08275],
  ] as const)("weigh rows as scikit-learn's sample_weight does: %s", (metric, expected) => {
    expect(weighted(binary, metric, [1, 2, 0, 3, 1, 1, 0, 2])).toBeCloseTo(expected, 12);
  });

  it("weigh rows of a regression as sample_weight does", () => {
    expect(weighted(regression, "rmse", [2, 0, 1, 3, 1, 0])).toBeCloseTo(0.7133922984085064, 12);
    expect(weighted(regression, "r2", [2, 0, 1, 3, 1, 0])).toBeCloseTo(0.8776824034334764, 12);
  });

  it("calibration error is the gap of probability and share over ten bins", () => {
    const rows: ScoredRows = {
      task: "binary",
      target: numbers(1, 0, 1, 1),
      prediction: numbers(0.92, 0.98, 1, 0.31),
      classCount: 2,
    };
    // Last bin: |2.9 − 2|; fourth bin: |0.31 − 1|.
    expect(measure("calibration_error", rows).value).toBeCloseTo((0.9 + 0.69) / 4, 12);
  });

  it("of every task are all implemented", () => {
    for (const rows of [regression, binary, multiclass])
      for (const metric of metricsOf(rows.task, { hasGroup: true })) {
        const { reason } = measure(metric, rows);
        expect(reason ?? "", metric).not.toContain("not defined");
      }
  });

  it.each([
    ["r2", { ...regression, target: numbers(1, 1, 1, 1, 1, 1) }, "the target is constant"],
    ["rmsle", regression, "a target is negative"],
    ["mape", { ...regression, target: numbers(1, 0, 1, 1, 1, 1) }, "a target is 0"],
    ["roc_auc", { ...binary, target: numbers(1, 1, 1, 1, 1, 1, 1, 1) }, "the negative class has no row"],
    [
      "roc_auc",
      { ...binary, classNames: ["stays", "leaves"], target: numbers(1, 1, 1, 1, 1, 1, 1, 1) },
      "the class stays has no row",
    ],
    [
      "log_loss",
      { ...binary, target: numbers(0, Number.NaN, 1, 0, 1, 1, 0, 1), unseenClasses: { maybe: 1 } },
      "training never saw the class maybe (1 row)",
    ],
    ["rmse", { ...regression, prediction: numbers(1, 2, Number.NaN, 4, 5, 6) }, "row 3 has no prediction"],
    ["rmse", { ...regression, target: numbers(), prediction: numbers() }, "there are no rows"],
    ["rmse", binary, "rmse is not defined for a binary task"],
    ["ndcg", regression, "ndcg is not defined for a regression task"],
    ["f1", { ...binary, target: new Float64Array(8), prediction: new Float64Array(8) }, "no row is positive"],
  ] as const)("give a reason instead of NaN when there is no value: %s", (metric, rows, reason) => {
    const figure = measure(metric, rows);
    expect(figure.value).toBeNull();
    expect(figure.reason).toContain(reason);
  });

  it("have names that the registry knows", () => {
    expect(Object.keys(metricRegistry)).toEqual(expect.arrayContaining(known.map(([, , metric]) => metric)));
  });
});

describe("ranking metrics per query", () => {
  const items = {
    query: Int32Array.from([0, 0, 0, 0, 1, 1, 2]),
    queryCount: 3,
    relevance: numbers(3, 2, 0, 1, 0, 1, 0),
    score: numbers(0.4, 0.9, 0.8, 0.1, 0.7, 0.7, 1),
  };

  it("normalises gains with linear gain, whole and at a depth (scikit-learn's ndcg_score)", () => {
    expect(rankingPerQuery("ndcg", items)[0]).toBeCloseTo(0.8254499218587349, 12);
    expect(rankingPerQuery("ndcg", items, 2)[0]).toBeCloseTo(0.46927872602275655, 12);
  });

  const rows: ScoredRows = {
    task: "binary",
    target: numbers(1, 0, 0, 1, 0, 0, 1, 0),
    prediction: numbers(0.2, 0.9, 0.5, 0.8, 0.3, 0.1, 0.6, 0.7),
    classCount: 2,
  };
  // The third group has no positive row, so no figure.
  const clusters = { of: Int32Array.from([0, 0, 0, 1, 1, 2, 1, 0]), count: 3 };

  it("are means over the groups that have a positive row, and need groups", () => {
    // First group by score: 0 (0.9), 0 (0.7), 0 (0.5), 1 (0.2); the second: 1 (0.8), 1 (0.6), 0 (0.3).
    expect(measure("mrr", rows, clusters).value).toBeCloseTo((1 / 4 + 1) / 2, 12);
    expect(measure("map", rows, clusters).value).toBeCloseTo((1 / 4 + 1) / 2, 12);
    expect(measure("ndcg", rows, clusters).value).toBeCloseTo((1 / Math.log2(5) + 1) / 2, 12);
    expect(measure("map", rows).reason).toContain("the split's group");
    expect(measure("map", { ...rows, target: numbers(0, 0, 0, 0, 0, 0, 0, 0) }, clusters).reason).toBe(
      "no group has a positive row",
    );
    expect(measure("map", { ...rows, task: "multiclass" }, clusters).reason).toContain("not defined");
    expect(metricsOf("binary", { hasGroup: false })).not.toContain("map");
  });

  it("of a resample of whole groups are the means of the drawn groups", () => {
    const job = { sides: [rows], metrics: ["mrr", "accuracy"] as const, clusters, seed: 3, replicates: 400 };
    const values = prepareJob(job)(0, 400);
    const drawn = new Set(Array.from({ length: 400 }, (_, r) => values[2 * r] as number));
    // Three draws of {1/4, 1, none}.
    const possible = [1 / 4, 1, 5 / 8, 1 / 2, 3 / 4];
    expect([...drawn].filter((it) => !Number.isNaN(it)).sort()).toEqual([...possible].sort());
    expect([...drawn].some(Number.isNaN)).toBe(true);
  });

  it("averages precision and reciprocal rank, later items first among ties", () => {
    expect(rankingPerQuery("map", items)[0]).toBeCloseTo((1 + 2 / 3 + 3 / 4) / 3, 12);
    expect(rankingPerQuery("mrr", items)).toEqual([1, 1, null]);
  });
});
