import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { metricsArbitrary, policy, propertyRuns } from "../../../../test/support/routing-candidates.ts";
import type { StabilityMetrics } from "../../../contract/routing/routing-plans.ts";
import { defaultPolicy } from "../policy/policy.ts";
import { kendallTauB } from "./rank-correlation.ts";
import { type ImportanceSnapshot, stabilityOf, stabilityOfMetrics } from "./stability.ts";

function snapshot(importances: Readonly<Record<string, number>>, signature = "s"): ImportanceSnapshot {
  return { signature, importances };
}

/** Importances of features f0, f1, … in this order, falling. */
const falling = (names: readonly string[]) =>
  Object.fromEntries(names.map((name, at) => [name, names.length - at] as const));

const measure = (...snapshots: readonly ImportanceSnapshot[]) => stabilityOf(snapshots, defaultPolicy());

describe("figures of stability", () => {
  it("compare adjacent snapshots: overlap of the important features, correlation of the common ones", () => {
    const { metrics, stability } = measure(
      snapshot({ a: 3, b: 2, c: 1, d: 0 }),
      snapshot({ a: 3, b: 2, c: 1, d: 0 }),
      snapshot({ a: 1, b: 2, c: 3, e: 4 }),
    );
    // Second pair: {a, b, c} of {a, b, c, e}; a, b, c are common without d, and in reverse order.
    expect(metrics).toEqual({
      snapshots: 3,
      mean_overlap: (1 + 0.75) / 2,
      std_overlap: 0.125,
      mean_tau: 0,
      std_tau: 1,
    });
    expect(stability).toBe("DIVERGED");
  });

  it("take the 20 largest importances, equal ones by name", () => {
    const names = Array.from({ length: 25 }, (_, at) => `f${String(at).padStart(2, "0")}`);
    const equal = Object.fromEntries(names.map((name) => [name, 1]));
    // f00 to f19 here, f05 to f24 there: 15 of 25.
    expect(measure(snapshot(equal), snapshot(falling([...names].reverse()))).metrics.mean_overlap).toBe(15 / 25);
  });

  it("ignore features without importance, and none on both sides is agreement", () => {
    const one = measure(snapshot({ a: 1, b: 0, c: -1 }), snapshot({ a: 1, b: 2, c: 0 }));
    expect(one.metrics.mean_overlap).toBe(0.5);
    const none = measure(snapshot({ a: 0, b: 0 }), snapshot({}));
    expect(none.metrics).toEqual({ snapshots: 2, mean_overlap: 1, std_overlap: 0, mean_tau: null, std_tau: null });
    expect(none.stability).toBe("UNKNOWN");
    expect(measure(snapshot({ a: 0 }), snapshot({ a: 1 })).metrics.mean_overlap).toBe(0);
  });

  it("have no correlation of fewer than three common features, or of a constant ranking", () => {
    expect(measure(snapshot({ a: 2, b: 1 }), snapshot({ a: 2, b: 1 })).metrics.mean_tau).toBeNull();
    expect(measure(snapshot({ a: 2, b: 1, c: 3 }), snapshot({ a: 2, b: 1, d: 3 })).metrics.mean_tau).toBeNull();
    expect(measure(snapshot({ a: 1, b: 1, c: 1 }), snapshot({ a: 3, b: 2, c: 1 })).metrics.mean_tau).toBeNull();
    expect(measure(snapshot({ a: 3, b: 2, c: 1 }), snapshot({ a: 3, b: 2, c: 1 })).metrics.mean_tau).toBe(1);
  });

  it("cover only the pairs that have a correlation", () => {
    const { metrics } = measure(snapshot({ a: 3, b: 2, c: 1 }), snapshot({ a: 3, b: 2, c: 1 }), snapshot({ a: 1 }));
    expect(metrics).toMatchObject({ mean_tau: 1, std_tau: 0 });
  });

  it("compare only snapshots of the newest signature", () => {
    const old = snapshot({ x: 3, y: 2, z: 1 }, "old");
    const now = snapshot({ a: 3, b: 2, c: 1 });
    expect(measure(now, old, now)).toEqual(measure(now, now));
    expect(measure(now, now, old)).toEqual({
      stability: "NOT_MEASURED",
      metrics: { snapshots: 1, mean_overlap: null, std_overlap: null, mean_tau: null, std_tau: null },
    });
  });

  it("of no snapshots are empty", () => {
    expect(measure()).toMatchObject({ stability: "NOT_MEASURED", metrics: { snapshots: 0 } });
  });

  it("may have names that every JavaScript object has", () => {
    const odd = Object.fromEntries([
      ["constructor", 3],
      ["toString", 2],
      ["__proto__", 1],
    ]);
    expect(measure(snapshot(odd), snapshot(odd)).metrics).toMatchObject({ mean_overlap: 1, mean_tau: 1 });
  });
});

describe("the class of the figures, checked in this order", () => {
  const good: StabilityMetrics = { snapshots: 2, mean_overlap: 0.7, std_overlap: 0.2, mean_tau: 0.6, std_tau: 0.25 };
  it.each([
    ["fewer snapshots than the minimum", { snapshots: 1, std_overlap: 0.9 }, "NOT_MEASURED"],
    ["an overlap that varies more than its maximum", { std_overlap: 0.2001 }, "DIVERGED"],
    ["a correlation that varies more than its maximum", { std_tau: 0.2501 }, "DIVERGED"],
    ["deviations at their maximum, means at their minimum", {}, "STABLE"],
    ["an overlap below STABLE's", { mean_overlap: 0.6999 }, "DRIFTING"],
    ["a correlation below STABLE's", { mean_tau: 0.5999 }, "DRIFTING"],
    ["both at DRIFTING's minimum", { mean_overlap: 0.5, mean_tau: 0.4 }, "DRIFTING"],
    ["an overlap below DRIFTING's", { mean_overlap: 0.4999 }, "UNKNOWN"],
    ["a correlation below DRIFTING's", { mean_tau: 0.3999 }, "UNKNOWN"],
    ["no correlation", { mean_tau: null, std_tau: null }, "UNKNOWN"],
    ["no overlap", { mean_overlap: null, std_overlap: null }, "UNKNOWN"],
  ] as const)("%s", (_, changes, stability) => {
    expect(stabilityOfMetrics({ ...good, ...changes }, defaultPolicy())).toBe(stability);
  });

  it.each([
    [{ min_snapshots: 3 }, "NOT_MEASURED"],
    [{ max_std_overlap: 0.1 }, "DIVERGED"],
    [{ max_std_tau: 0.1 }, "DIVERGED"],
    [{ stable_overlap_min: 0.8 }, "DRIFTING"],
    [{ stable_tau_min: 0.8 }, "DRIFTING"],
    [{ stable_overlap_min: 0.8, drifting_overlap_min: 0.75 }, "UNKNOWN"],
    [{ stable_tau_min: 0.8, drifting_tau_min: 0.75 }, "UNKNOWN"],
  ] as const)("under %o it is %s", (limits, stability) => {
    expect(stabilityOfMetrics(good, policy({ stability_classification: limits }))).toBe(stability);
  });

  it("never gets worse with more overlap or correlation", () => {
    const order = ["UNKNOWN", "DRIFTING", "STABLE"];
    fc.assert(
      fc.property(metricsArbitrary, fc.double({ min: 0, max: 1, noNaN: true }), (metrics, more) => {
        const before = stabilityOfMetrics(metrics, defaultPolicy());
        if (!order.includes(before)) return;
        const raised = { ...metrics, mean_overlap: Math.min(1, (metrics.mean_overlap ?? 0) + more) };
        expect(order.indexOf(stabilityOfMetrics(raised, defaultPolicy()))).toBeGreaterThanOrEqual(
          order.indexOf(before),
        );
      }),
      propertyRuns(300),
    );
  });
});

describe("Kendall's tau-b", () => {
  // scipy.stats.kendalltau(a, b).statistic
  it.each([
    [[12, 2, 1, 12, 2], [1, 4, 7, 1, 0], -0.4714045207910316],
    [[1, 2, 3, 4, 5], [3, 1, 2, 5, 4], 0.4],
    [[1, 1, 2, 3, 3, 3], [2, 1, 2, 5, 4, 4], 0.8362420100070908],
  ])("of %j and %j", (a, b, tau) => {
    expect(kendallTauB(a, b)).toBeCloseTo(tau, 12);
  });
});
