import { describe, expect, test } from "vitest";
import type { SingleFeature } from "./evidence-files.ts";
import { type LeakInput, leakageOf } from "./leakage.ts";

const clean: LeakInput = { metric: "roc_auc", knownAfter: [], single: [], score: 0.7 };
const value = (score: number | null, kind: "value" | "missing" = "value"): SingleFeature => ({
  feature: "tail",
  kind,
  score,
  missing: null,
});
const gap = (score: number, more: { missing_rows?: number; base_rate?: number } = {}): SingleFeature => ({
  feature: "tail",
  kind: "missing",
  score,
  missing: { missing_rows: 20, base_rate: 0.02, class: "true", ...more },
});

test("without a finding a view is safe", () => {
  expect(leakageOf(clean)).toEqual({ status: "SAFE", findings: [] });
});

describe("a feature that is known only after the decision", () => {
  test("blocks, whatever it scores", () => {
    const { status, findings } = leakageOf({ ...clean, knownAfter: ["arr_time"], score: null });
    expect(status).toBe("BLOCKED");
    expect(findings).toEqual([
      expect.objectContaining({ detector: "known_after", feature: "arr_time", status: "BLOCKED" }),
    ]);
    expect(findings[0]?.message).toContain("known: after in the data contract");
  });
});

describe("a single feature", () => {
  test.each([
    ["roc_auc", 0.9499, "SAFE", null],
    ["roc_auc", 0.95, "SUSPECT", 0.95],
    ["roc_auc", 0.9799, "SUSPECT", 0.95],
    ["roc_auc", 0.98, "BLOCKED", 0.98],
    ["r2", 0.9499, "SAFE", null],
    ["r2", 0.95, "SUSPECT", 0.95],
    ["r2", 0.9799, "SUSPECT", 0.95],
    ["r2", 0.98, "BLOCKED", 0.98],
  ] as const)("with %s %f is %s", (metric, score, expected, threshold) => {
    const { status, findings } = leakageOf({ ...clean, metric, single: [value(score)] });
    expect(status).toBe(expected);
    expect(findings.map((it) => it.threshold)).toEqual(threshold === null ? [] : [threshold]);
    for (const it of findings) expect(it).toMatchObject({ detector: "single_feature", feature: "tail", value: score });
  });

  test("that couldn't be scored gives no finding", () => {
    expect(leakageOf({ ...clean, single: [value(null)] }).status).toBe("SAFE");
  });

  test("of a number is distinguished from whether it is missing", () => {
    const messages = [value(0.99), value(0.99, "missing")].map(
      (single) => leakageOf({ ...clean, metric: "r2", single: [single] }).findings[0]?.message,
    );
    expect(messages).toEqual([
      "tail alone predicts the target with r2 0.9900 (0.98 or more)",
      "whether tail is missing alone predicts the target with r2 0.9900 (0.98 or more)",
    ]);
  });
});

describe("rows without a value", () => {
  test.each([
    [0.8999, "SAFE"],
    [0.9, "SUSPECT"],
    [0.9799, "SUSPECT"],
    [0.98, "BLOCKED"],
  ])("of which %f are of one class are %s", (precision, status) => {
    expect(leakageOf({ ...clean, single: [gap(precision)] }).status).toBe(status);
  });

  test("are too few to judge below twenty", () => {
    expect(leakageOf({ ...clean, single: [gap(1, { missing_rows: 19 })] }).status).toBe("SAFE");
    expect(leakageOf({ ...clean, single: [gap(1, { missing_rows: 20 })] }).status).toBe("BLOCKED");
  });

  test("give no finding if all rows are of that class about as often", () => {
    expect(leakageOf({ ...clean, single: [gap(1, { base_rate: 0.5001 })] }).status).toBe("SAFE");
    expect(leakageOf({ ...clean, single: [gap(1, { base_rate: 0.5 })] }).status).toBe("BLOCKED");
  });

  test("report how many they are, which class they reveal, and how often it occurs otherwise", () => {
    expect(leakageOf({ ...clean, single: [gap(0.995, { missing_rows: 812 })] }).findings[0]?.message).toBe(
      "where tail is missing (812 rows) the target is true in 99.5 %, in all rows in 2.0 %: the gap gives the answer away",
    );
  });
});

describe("a score beyond what is plausible", () => {
  test.each([
    ["roc_auc", 0.9899, "SAFE"],
    ["roc_auc", 0.99, "SUSPECT"],
    ["roc_auc", 1, "SUSPECT"],
    ["r2", 0.9799, "SAFE"],
    ["r2", 0.98, "SUSPECT"],
  ] as const)("%s %f is %s", (metric, score, status) => {
    expect(leakageOf({ ...clean, metric, score }).status).toBe(status);
  });
});

test("the worst finding decides, and every finding stays", () => {
  const { status, findings } = leakageOf({
    metric: "roc_auc",
    knownAfter: [],
    single: [value(0.96), gap(0.99)],
    score: 0.995,
  });
  expect(status).toBe("BLOCKED");
  expect(findings.map((it) => [it.detector, it.status])).toEqual([
    ["single_feature", "SUSPECT"],
    ["single_feature", "BLOCKED"],
    ["implausible_score", "SUSPECT"],
  ]);
});
