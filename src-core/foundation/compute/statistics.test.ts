import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extraUnits, meanDifference, minimumDetectable } from "./difference.ts";
import { quantileOf } from "./intervals.ts";
import { normalCdf, normalQuantile } from "./normal.ts";
import { clopperPearsonInterval, holmAdjusted, mcNemar, wilsonInterval } from "./proportions.ts";

// Expected values: scipy.stats (norm.cdf, norm.ppf, binomtest(…).pvalue, proportion_ci("wilson" | "exact")).
describe("the normal distribution", () => {
  it("agrees with SciPy into the tails", () => {
    expect(normalCdf(-1.3)).toBeCloseTo(0.09680048458561036, 14);
    expect(normalCdf(6)).toBeCloseTo(0.9999999990134123, 14);
    expect(normalCdf(-9) / 1.1285884059538324e-19).toBeCloseTo(1, 10);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
    expect(normalQuantile(1e-6)).toBeCloseTo(-4.753424308822899, 10);
  });

  it("has a quantile that undoes its distribution function", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-12, max: 1 - 1e-12, noNaN: true }), (p) => {
        expect(normalCdf(normalQuantile(p))).toBeCloseTo(p, 12);
      }),
    );
  });
});

describe("proportions", () => {
  it.each([
    [3, 12, 0.03515625],
    [7, 5, 0.7744140625],
    [480, 520, 0.2174482932041415],
    [0, 0, 1],
  ])("McNemar's exact p of %i against %i", (b, c, p) => {
    expect(mcNemar(b, c).twoSided).toBeCloseTo(p, 11);
    expect(mcNemar(c, b).twoSided).toBeCloseTo(p, 11);
  });

  it("McNemar's one-sided p counts as many or more rows in the candidate's favour", () => {
    expect(mcNemar(12, 3).oneSided).toBeCloseTo(0.017578125, 12);
    expect(mcNemar(3, 12).oneSided).toBeGreaterThan(0.98);
  });

  it.each([
    [0, 50, [0, 0.07134759913335872], [0, 0.07112173646420458]],
    [8, 10, [0.4901624715366418, 0.9433178485456248], [0.4439045376923585, 0.9747892736731665]],
    [50, 50, [0.9286524008666412, 1], [0.9288782635357954, 1]],
  ])("Wilson and Clopper–Pearson of %i in %i", (k, n, wilson, exact) => {
    const w = wilsonInterval(k, n);
    const c = clopperPearsonInterval(k, n);
    expect([w.low, w.high].every((value, i) => Math.abs(value - (wilson[i] ?? Number.NaN)) < 1e-12)).toBe(true);
    expect([c.low, c.high].every((value, i) => Math.abs(value - (exact[i] ?? Number.NaN)) < 1e-10)).toBe(true);
  });

  it("Holm's adjustment multiplies by the hypotheses left and never falls", () => {
    expect(holmAdjusted([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holmAdjusted([0.6, 0.9])).toEqual([1, 1]);
    expect(holmAdjusted([])).toEqual([]);
  });
});

describe("differences of means", () => {
  it("have the textbook standard error", () => {
    const { mean, standardError } = meanDifference(Float64Array.from([1, 2, 3, 4]));
    expect(mean).toBe(2.5);
    expect(standardError).toBeCloseTo(Math.sqrt(5 / 3 / 4), 12);
  });

  it("have a larger one when rows of a cluster agree, and an equal one when each row is its own cluster", () => {
    const values = Float64Array.from([1, 1, 1, 5, 5, 5]);
    const single = { of: Int32Array.from([0, 1, 2, 3, 4, 5]), count: 6 };
    const triple = { of: Int32Array.from([0, 0, 0, 1, 1, 1]), count: 2 };
    const plain = meanDifference(values).standardError ?? 0;
    expect(meanDifference(values, single).standardError).toBeCloseTo(plain, 12);
    expect(meanDifference(values, triple).standardError).toBeCloseTo(2, 12);
  });

  it("need more units for a smaller effect, none at the detectable one, and have no number at none", () => {
    const question = { standardError: 0.1, alpha: 0.05 };
    const detectable = minimumDetectable(question);
    expect(detectable).toBeCloseTo((1.6448536 + 0.8416212) * 0.1, 6);
    expect(extraUnits({ ...question, effect: detectable, units: 100 })).toBe(0);
    expect(extraUnits({ ...question, effect: detectable / 2, units: 100 })).toBe(300);
    expect(extraUnits({ ...question, effect: 0, units: 100 })).toBeNull();
  });
});

it("with 999 values the 2.5 % quantile is the 25th", () => {
  const sorted = Float64Array.from({ length: 999 }, (_, i) => i + 1);
  expect([quantileOf(sorted, 0.025), quantileOf(sorted, 0.5), quantileOf(sorted, 0.975)]).toEqual([25, 500, 975]);
});
