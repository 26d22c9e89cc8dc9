import { describe, expect, it } from "vitest";
import { policy } from "../../../../test/support/routing-candidates.ts";
import { defaultPolicy, horizonTier, policyMarks } from "./policy.ts";
import { policyEntries, valueAt, withValue } from "./policy-keys.ts";
import { completedStabilities, policyProblems } from "./policy-rules.ts";

describe("the default policy", () => {
  it("has every value that the documentation gives", () => {
    expect(Object.fromEntries(policyEntries(defaultPolicy()))).toEqual({
      version: 1,
      "min_sample_size.cross_sectional": 5000,
      "min_sample_size.symbol": 1000,
      "cross_sectional.classification.min_score": 0.52,
      "cross_sectional.classification.strong_score": 0.58,
      "cross_sectional.regression.default.min_score": -0.5,
      "cross_sectional.regression.default.strong_score": 0.05,
      "cross_sectional.regression.short.min_score": 0,
      "cross_sectional.regression.short.strong_score": 0.15,
      "cross_sectional.regression.medium.min_score": -0.3,
      "cross_sectional.regression.medium.strong_score": 0.1,
      "cross_sectional.regression.long.min_score": -1,
      "cross_sectional.regression.long.strong_score": 0,
      "cross_sectional.regression.very_long.min_score": -2,
      "cross_sectional.regression.very_long.strong_score": -0.5,
      "symbol.classification.min_score": 0.54,
      "symbol.classification.strong_score": 0.6,
      "symbol.regression.default.min_score": -0.3,
      "symbol.regression.default.strong_score": 0.1,
      "symbol.regression.short.min_score": 0.05,
      "symbol.regression.short.strong_score": 0.2,
      "symbol.regression.medium.min_score": -0.2,
      "symbol.regression.medium.strong_score": 0.15,
      "symbol.regression.long.min_score": -0.8,
      "symbol.regression.long.strong_score": 0.05,
      "symbol.regression.very_long.min_score": -1.5,
      "symbol.regression.very_long.strong_score": -0.3,
      use_ci_low: false,
      block_on_leakage: true,
      require_safe_features_only: true,
      accept_suspect: [],
      require_min_successful_families: 1,
      "stability_allowlist.cross_sectional": ["STABLE", "DRIFTING"],
      "stability_allowlist.symbol": ["STABLE"],
      both_strong_behavior: "ROUTE_BOTH",
      enable_experimental_lane: true,
      "experimental.classification.min_score": 0.52,
      "experimental.regression.min_score": 0,
      "experimental.allowed_stabilities": ["STABLE", "DRIFTING", "UNKNOWN"],
      "experimental.max_fraction_symbols_per_target": 0.2,
      "stability_classification.stable_overlap_min": 0.7,
      "stability_classification.drifting_overlap_min": 0.5,
      "stability_classification.stable_tau_min": 0.6,
      "stability_classification.drifting_tau_min": 0.4,
      "stability_classification.max_std_overlap": 0.2,
      "stability_classification.max_std_tau": 0.25,
      "stability_classification.min_snapshots": 2,
      dev_mode: false,
    });
    expect(policyProblems(defaultPolicy())).toEqual([]);
  });

  it("keeps its other values if a part of an object is given", () => {
    const changed = policy({ cross_sectional: { regression: { short: { min_score: 0.1 } } } });
    expect(changed).toEqual(withValue(defaultPolicy(), "cross_sectional.regression.short.min_score", 0.1));
  });

  it("accepts a short form as the classification's threshold", () => {
    expect(policy({ symbol: { min_score: 0.5, strong_score: 0.8 } }).symbol).toEqual({
      classification: { min_score: 0.5, strong_score: 0.8 },
      regression: defaultPolicy().symbol.regression,
    });
  });

  it("is the same policy whatever the order of a list", () => {
    expect(policy({ stability_allowlist: { cross_sectional: ["DRIFTING", "STABLE"] } })).toEqual(defaultPolicy());
  });
});

describe("horizon tiers", () => {
  it.each([
    [null, "default"],
    [59.9, "short"],
    [60, "medium"],
    [239.9, "medium"],
    [240, "long"],
    [1439.9, "long"],
    [1440, "very_long"],
  ])("%s minutes: %s", (minutes, tier) => {
    expect(horizonTier(minutes)).toBe(tier);
  });
});

describe("relaxations", () => {
  it("are marked: dev_mode, and leakage that doesn't block", () => {
    expect(policyMarks(defaultPolicy())).toEqual([]);
    expect(policyMarks(policy({ dev_mode: true, block_on_leakage: false }))).toEqual([
      "dev_mode",
      "block_on_leakage: false",
    ]);
  });
});

describe("completing a stability list", () => {
  it.each([
    [[], []],
    [["STABLE"], ["STABLE"]],
    [["DRIFTING"], ["STABLE", "DRIFTING"]],
    [["UNKNOWN"], ["STABLE", "DRIFTING", "UNKNOWN"]],
    [["DIVERGED"], ["STABLE", "DRIFTING", "DIVERGED", "UNKNOWN"]],
    [["NOT_MEASURED"], ["NOT_MEASURED"]],
    [
      ["NOT_MEASURED", "DRIFTING"],
      ["STABLE", "DRIFTING", "NOT_MEASURED"],
    ],
  ] as const)("%s becomes %s", (list, completed) => {
    expect(completedStabilities(list)).toEqual(completed);
  });
});

describe("keys of a policy", () => {
  it("reach every value and leave the original unchanged", () => {
    const before = defaultPolicy();
    const after = withValue(before, "experimental.regression.min_score", 0.3);
    expect(valueAt(after, "experimental.regression.min_score")).toBe(0.3);
    expect(before).toEqual(defaultPolicy());
    expect(valueAt(before, "experimental.constructor")).toBeUndefined();
    expect(valueAt(before, "dev_mode.x")).toBeUndefined();
  });
});
