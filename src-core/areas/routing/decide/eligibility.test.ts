import { describe, expect, it } from "vitest";
import { candidate, policy } from "../../../../test/support/routing-candidates.ts";
import type { Candidate } from "../../../contract/routing/routing-plans.ts";
import { type HorizonTier, idleAcceptances, policyMarks } from "../policy/policy.ts";
import { thresholdsOf } from "../policy/thresholds.ts";
import { eligibilityOf, traceOf } from "./eligibility.ts";

type Config = Readonly<Record<string, unknown>>;

/** What the view is good for, and the rule that decided: "STRONG strong". */
function verdict(changes: Partial<Candidate>, config: Config = {}, tier: HorizonTier = "default"): string {
  const row = candidate({ symbol: "UA", ...changes });
  const { signal, step } = eligibilityOf(row, thresholdsOf(policy(config))(row, tier));
  return `${signal} ${step.rule}`;
}

const pooled = { symbol: null, mode: "CROSS_SECTIONAL" } as const;
const regression = { task_type: "regression", metric_name: "r2" } as const;

describe("the rules in their order", () => {
  it("1: without a score, or with failed or skipped models, nothing is allowed", () => {
    expect(verdict({ score: null })).toBe("DISALLOWED no_score");
    expect(verdict({ model_status: "FAILED" })).toBe("DISALLOWED no_score");
    expect(verdict({ model_status: "SKIPPED", sample_size: 0 })).toBe("DISALLOWED no_score");
    expect(verdict({ model_status: "UNKNOWN" })).toBe("STRONG strong");
  });

  it("a score of 0 is a score", () => {
    expect(verdict({ ...regression, score: 0 }, {}, "long")).toBe("WEAK_BUT_OK weak");
    expect(verdict({ score: 0 })).toBe("DISALLOWED none");
  });

  it("2: a sample below the view's minimum, or an unknown one, is too small", () => {
    expect(verdict({ sample_size: 999 })).toBe("DISALLOWED sample_size");
    expect(verdict({ sample_size: 1000 })).toBe("STRONG strong");
    expect(verdict({ sample_size: null })).toBe("DISALLOWED sample_size");
    expect(verdict({ ...pooled, sample_size: 4999 })).toBe("DISALLOWED sample_size");
    expect(verdict({ ...pooled, sample_size: 5000 })).toBe("STRONG strong");
    expect(verdict({ sample_size: 500, leakage_status: "BLOCKED" })).toBe("DISALLOWED sample_size");
    expect(verdict({ sample_size: 20 }, { min_sample_size: { symbol: 20 } })).toBe("STRONG strong");
    expect(verdict({ sample_size: null }, { min_sample_size: { symbol: 0 } })).toBe("STRONG strong");
  });

  it("3: BLOCKED leakage blocks, unless the policy lets it through to the next rule", () => {
    expect(verdict({ leakage_status: "BLOCKED" })).toBe("DISALLOWED leakage_blocked");
    expect(verdict({ leakage_status: "BLOCKED" }, { block_on_leakage: false })).toBe("DISALLOWED leakage_not_safe");
    expect(verdict({ leakage_status: "BLOCKED" }, { require_safe_features_only: false })).toBe(
      "DISALLOWED leakage_blocked",
    );
  });

  it("4: leakage that isn't SAFE is refused if only safe features pass", () => {
    expect(verdict({ leakage_status: "SUSPECT" })).toBe("DISALLOWED leakage_not_safe");
    expect(verdict({ leakage_status: "NOT_MEASURED" })).toBe("DISALLOWED leakage_not_safe");
  });

  it("4: SUSPECT leakage that the policy accepts for this view passes as SAFE does, with its reason", () => {
    const accepted = (segment?: string) => ({
      accept_suspect: [
        { target: "late", reason: "an identity of physics", ...(segment === undefined ? {} : { segment }) },
      ],
    });
    expect(verdict({ leakage_status: "SUSPECT" }, accepted("UA"))).toBe("STRONG strong");
    expect(verdict({ leakage_status: "SUSPECT", score: 0.55 }, accepted("UA"))).toBe("WEAK_BUT_OK weak");
    expect(verdict({ ...pooled, leakage_status: "SUSPECT" }, accepted())).toBe("STRONG strong");
    for (const other of [accepted(), accepted("AA"), accepted("CS")])
      expect(verdict({ leakage_status: "SUSPECT" }, other)).toBe("DISALLOWED leakage_not_safe");
    expect(verdict({ ...pooled, leakage_status: "SUSPECT" }, accepted("UA"))).toBe("DISALLOWED leakage_not_safe");
    expect(verdict({ leakage_status: "SUSPECT", target: "delay" }, accepted("UA"))).toBe("DISALLOWED leakage_not_safe");
    for (const leakage_status of ["BLOCKED", "NOT_MEASURED"] as const)
      expect(verdict({ leakage_status }, accepted("UA"))).toMatch(/^DISALLOWED leakage/);
    expect(verdict({ leakage_status: "SAFE" }, accepted("UA"))).toBe("STRONG strong");
  });

  it("4: the reason of an acceptance is in the view's reason, its trace and the marks of every artifact", () => {
    const config = policy({ accept_suspect: [{ target: "late", segment: "UA", reason: "an identity of physics" }] });
    const row = candidate({ symbol: "UA", leakage_status: "SUSPECT" });
    const thresholds = thresholdsOf(config)(row, "default");
    expect(eligibilityOf(row, thresholds).reason).toContain("leakage SUSPECT, accepted: an identity of physics");
    expect(traceOf(row, thresholds).find(({ rule }) => rule === "leakage_not_safe")).toMatchObject({
      ...{ value: "SUSPECT", threshold: "accepted: an identity of physics", policy_key: "accept_suspect" },
      outcome: "passed",
    });
    expect(idleAcceptances([row], config)).toEqual([]);
    expect(idleAcceptances([{ ...row, leakage_status: "SAFE" }], config)).toEqual(["late/UA (an identity of physics)"]);
    expect(policyMarks(config)).toEqual(["accept_suspect: late/UA (an identity of physics)"]);
  });

  it("6, 7: if unsafe features pass, such a view is at most an experiment", () => {
    const lenient = { require_safe_features_only: false };
    expect(verdict({ leakage_status: "SUSPECT" }, lenient)).toBe("EXPERIMENTAL experimental");
    expect(verdict({ leakage_status: "NOT_MEASURED" }, lenient)).toBe("EXPERIMENTAL experimental");
    expect(verdict({ leakage_status: "BLOCKED" }, { ...lenient, block_on_leakage: false })).toBe(
      "EXPERIMENTAL experimental",
    );
  });

  it("5: fewer successful families than the policy requires; an unknown number counts as 0", () => {
    expect(verdict({ successful_model_families: 0 })).toBe("DISALLOWED families");
    expect(verdict({ successful_model_families: null })).toBe("DISALLOWED families");
    expect(verdict({ successful_model_families: 1 }, { require_min_successful_families: 2 })).toBe(
      "DISALLOWED families",
    );
    expect(verdict({ successful_model_families: null }, { require_min_successful_families: 0 })).toBe("STRONG strong");
  });

  it("6: STRONG from the strong score, 7: WEAK_BUT_OK from the minimum", () => {
    expect(verdict({ score: 0.6 })).toBe("STRONG strong");
    expect(verdict({ score: 0.5999 })).toBe("WEAK_BUT_OK weak");
    expect(verdict({ score: 0.54 })).toBe("WEAK_BUT_OK weak");
    expect(verdict({ score: 0.5399 })).toBe("EXPERIMENTAL experimental");
    expect(verdict({ ...pooled, score: 0.58 })).toBe("STRONG strong");
    expect(verdict({ ...pooled, score: 0.52 })).toBe("WEAK_BUT_OK weak");
  });

  it("6, 7: only with a stability on the list", () => {
    expect(verdict({ stability: "DRIFTING" })).toBe("EXPERIMENTAL experimental");
    expect(verdict({ ...pooled, stability: "DRIFTING" })).toBe("STRONG strong");
    expect(verdict({ stability: "DRIFTING" }, { stability_allowlist: { symbol: ["STABLE", "DRIFTING"] } })).toBe(
      "STRONG strong",
    );
    expect(verdict({ stability: "NOT_MEASURED" })).toBe("DISALLOWED none");
    expect(verdict({ stability: "NOT_MEASURED" }, { stability_allowlist: { symbol: ["NOT_MEASURED"] } })).toBe(
      "STRONG strong",
    );
  });

  it("8: an experiment from its own minimum score, with a stability on its own list, while the lane is on", () => {
    expect(verdict({ score: 0.52 })).toBe("EXPERIMENTAL experimental");
    expect(verdict({ score: 0.5199 })).toBe("DISALLOWED none");
    expect(verdict({ score: 0.53 }, { experimental: { classification: { min_score: 0.535 } } })).toBe(
      "DISALLOWED none",
    );
    expect(verdict({ stability: "UNKNOWN" })).toBe("EXPERIMENTAL experimental");
    expect(verdict({ stability: "DIVERGED" })).toBe("DISALLOWED none");
    expect(verdict({ stability: "UNKNOWN" }, { experimental: { allowed_stabilities: ["STABLE"] } })).toBe(
      "DISALLOWED none",
    );
    expect(verdict({ score: 0.53 }, { enable_experimental_lane: false })).toBe("DISALLOWED none");
  });

  it("a regression's experiment has its own threshold", () => {
    const missed = { ...regression, stability: "DRIFTING" } as const;
    expect(verdict({ ...missed, score: 0 })).toBe("EXPERIMENTAL experimental");
    expect(verdict({ ...missed, score: -0.0001 })).toBe("DISALLOWED none");
    expect(verdict({ ...missed, score: 0.1 }, { experimental: { regression: { min_score: 0.2 } } })).toBe(
      "DISALLOWED none",
    );
  });
});

describe("thresholds of a regression", () => {
  it.each([
    ["default", 0.1, -0.3],
    ["short", 0.2, 0.05],
    ["medium", 0.15, -0.2],
    ["long", 0.05, -0.8],
    ["very_long", -0.3, -1.5],
  ] as const)("of a segment, horizon %s: strong from %d, good enough from %d", (tier, strong, least) => {
    const off = { enable_experimental_lane: false };
    expect(verdict({ ...regression, score: strong }, off, tier)).toBe("STRONG strong");
    expect(verdict({ ...regression, score: strong - 1e-4 }, off, tier)).toBe("WEAK_BUT_OK weak");
    expect(verdict({ ...regression, score: least }, off, tier)).toBe("WEAK_BUT_OK weak");
    expect(verdict({ ...regression, score: least - 1e-4 }, off, tier)).toBe("DISALLOWED none");
  });

  it.each([
    ["default", 0.05, -0.5],
    ["short", 0.15, 0],
    ["medium", 0.1, -0.3],
    ["long", 0, -1],
    ["very_long", -0.5, -2],
  ] as const)("of the pooled view, horizon %s: strong from %d, good enough from %d", (tier, strong, least) => {
    const off = { enable_experimental_lane: false };
    expect(verdict({ ...pooled, ...regression, score: strong }, off, tier)).toBe("STRONG strong");
    expect(verdict({ ...pooled, ...regression, score: strong - 1e-4 }, off, tier)).toBe("WEAK_BUT_OK weak");
    expect(verdict({ ...pooled, ...regression, score: least }, off, tier)).toBe("WEAK_BUT_OK weak");
    expect(verdict({ ...pooled, ...regression, score: least - 1e-4 }, off, tier)).toBe("DISALLOWED none");
  });

  it("don't touch a classification", () => {
    for (const tier of ["short", "very_long"] as const)
      expect(verdict({ score: 0.55 }, {}, tier)).toBe("WEAK_BUT_OK weak");
  });
});

describe("the lower bound instead of the score", () => {
  const lower = { use_ci_low: true };
  it("decides every level", () => {
    expect(verdict({ score: 0.9, score_ci_low: 0.55 }, lower)).toBe("WEAK_BUT_OK weak");
    expect(verdict({ score: 0.9, score_ci_low: 0.53 }, lower)).toBe("EXPERIMENTAL experimental");
    expect(verdict({ score: 0.5, score_ci_low: 0.6 }, lower)).toBe("STRONG strong");
  });

  it("counts as no score if it is missing, and needs no score beside it", () => {
    expect(verdict({ score_ci_low: null }, lower)).toBe("DISALLOWED no_score");
    expect(verdict({ score: null, score_ci_low: 0.7 }, lower)).toBe("STRONG strong");
  });
});

describe("the trace", () => {
  const trace = (changes: Partial<Candidate>, config: Config = {}) => {
    const row = candidate({ symbol: "UA", ...changes });
    return traceOf(row, thresholdsOf(policy(config))(row, "default"));
  };

  it("gives rule, value, threshold, key of the policy and source of each evaluated rule", () => {
    expect(trace({ score: 0.55, stability: "DRIFTING" })).toEqual([
      step("no_score", "score", 0.55, null, null, "passed"),
      step("sample_size", "sample_size", 10_000, 1_000, "min_sample_size.symbol", "passed"),
      step("leakage_blocked", "leakage_status", "SAFE", "not BLOCKED", "block_on_leakage", "passed"),
      step("leakage_not_safe", "leakage_status", "SAFE", "SAFE", "require_safe_features_only", "passed"),
      step("families", "successful_model_families", 2, 1, "require_min_successful_families", "passed"),
      {
        ...step(
          "strong",
          "score",
          0.55,
          0.6,
          "symbol.classification.strong_score",
          "not met: score 0.55 < 0.6; stability is DRIFTING, listed is STABLE",
        ),
        unmet: "score 0.55 < 0.6; stability is DRIFTING, listed is STABLE",
      },
      {
        ...step(
          "weak",
          "score",
          0.55,
          0.54,
          "symbol.classification.min_score",
          "not met: stability is DRIFTING, listed is STABLE",
        ),
        unmet: "stability is DRIFTING, listed is STABLE",
      },
      step("experimental", "score", 0.55, 0.52, "experimental.classification.min_score", "EXPERIMENTAL"),
    ]);
  });

  it("ends with the rule that decided", () => {
    expect(trace({ sample_size: 5 }).map(({ rule }) => rule)).toEqual(["no_score", "sample_size"]);
    expect(trace({ score: 0.1 }, { enable_experimental_lane: false }).at(-2)?.outcome).toBe(
      "not met: the experimental lane is off",
    );
    expect(trace({ model_status: "FAILED" })).toEqual([
      step("no_score", "model_status", "FAILED", null, null, "DISALLOWED"),
    ]);
  });

  it("gives only the deciding step, as the eligibility does", () => {
    for (const changes of [
      {},
      { score: 0.1 },
      { score: null },
      { leakage_status: "BLOCKED" },
      { sample_size: null },
    ] as const) {
      const row = candidate({ symbol: "UA", ...changes });
      const thresholds = thresholdsOf(policy())(row, "default");
      expect(traceOf(row, thresholds).at(-1)).toEqual(eligibilityOf(row, thresholds).step);
    }
  });

  it("explains why in words", () => {
    const reason = (changes: Partial<Candidate>) => {
      const row = candidate({ symbol: "UA", ...changes });
      return eligibilityOf(row, thresholdsOf(policy())(row, "default")).reason;
    };
    expect(reason({ score: 0.61234567 })).toBe("score 0.6123 ≥ 0.6, STABLE, leakage SAFE");
    expect(reason({ score: 0.51999 })).toBe("score 0.52 < 0.54");
    expect(reason({ score: 0.539999 })).toBe("no more than an experiment: score 0.539999 < 0.54");
    expect(reason({ sample_size: null })).toBe("an unknown number of usable rows, fewer than 1000");
    expect(reason({ successful_model_families: null })).toContain("0 families");
    expect(reason({ score: null })).toBe("there is no score");
  });
});

function step(rule: string, field: string, value: unknown, threshold: unknown, key: string | null, outcome: string) {
  return { view: "symbol", rule, value, threshold, policy_key: key, source: `candidates:late/UA#${field}`, outcome };
}
