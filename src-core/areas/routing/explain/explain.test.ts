import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  candidate,
  policy,
  policyArbitrary,
  propertyRuns,
  tableArbitrary,
} from "../../../../test/support/routing-candidates.ts";
import { routingConfigSchema } from "../../../contract/configs/routing-config.ts";
import type { AppError } from "../../../contract/errors.ts";
import type { Candidate, StabilityMetrics } from "../../../contract/routing/routing-plans.ts";
import { viewName } from "../../../contract/routing/view-name.ts";
import { candidateRows } from "../candidates/candidate-rows.ts";
import { routeCandidates } from "../decide/route.ts";
import { defaultPolicy, type HorizonTier, type RoutingPolicy } from "../policy/policy.ts";
import { type PolicyValue, withValue } from "../policy/policy-keys.ts";
import { policyProblems } from "../policy/policy-rules.ts";
import { type Explanation, explain } from "./explain.ts";
import { type Outcome, outcomeOf } from "./situation.ts";
import type { WouldChange } from "./would-change.ts";

const tiers: ReadonlyMap<string, HorizonTier> = new Map();

function explained(
  candidates: readonly Candidate[],
  symbol: string | null = "UA",
  config: Readonly<Record<string, unknown>> = {},
): Explanation {
  return explain({ candidates, policy: policy(config), tiers, target: "late", symbol });
}

const found = (explanation: Explanation, key: string, to: Outcome) =>
  explanation.wouldChange.find((change) => change.key === key && change.to === to);

describe("explaining a segment", () => {
  const pooled = candidate({ score: 0.5 });
  const explanation = explained([pooled, candidate({ symbol: "UA", score: 0.53 }), candidate({ symbol: "AA" })]);

  it("gives its route, both views with every evaluated rule, and the combination", () => {
    expect(explanation).toMatchObject({ target: "late", symbol: "UA", route: "ROUTE_BLOCKED", tier: "default" });
    expect(explanation.crossSectional).toMatchObject({ signal: "DISALLOWED", reason: "score 0.5 < 0.52" });
    expect(explanation.crossSectional.trace.map(({ rule }) => rule)).toEqual([
      "no_score",
      "sample_size",
      "leakage_blocked",
      "leakage_not_safe",
      "families",
      "strong",
      "weak",
      "experimental",
      "none",
    ]);
    expect(explanation.segment?.trace.map(({ rule }) => rule).slice(-2)).toEqual(["experimental", "cap"]);
    expect(explanation.combination).toMatchObject({ value: "DISALLOWED × DISALLOWED", outcome: "ROUTE_BLOCKED" });
  });

  it("names thresholds, switches and figures that would change it, with their values", () => {
    expect(found(explanation, "symbol.classification.min_score", "ROUTE_SYMBOL_SPECIFIC")).toEqual({
      to: "ROUTE_SYMBOL_SPECIFIC",
      kind: "threshold",
      key: "symbol.classification.min_score",
      from: 0.54,
      value: 0.53,
      words: "symbol.classification.min_score at 0.53 instead of 0.54",
    });
    expect(found(explanation, "candidates:late/UA#score", "ROUTE_SYMBOL_SPECIFIC")).toMatchObject({
      from: 0.53,
      value: 0.54,
    });
    expect(found(explanation, "candidates:late/CS#score", "ROUTE_CROSS_SECTIONAL")).toMatchObject({
      from: 0.5,
      value: 0.52,
    });
    expect(found(explanation, "cross_sectional.classification.min_score", "ROUTE_CROSS_SECTIONAL")?.value).toBe(0.5);
    expect(found(explanation, "experimental.max_fraction_symbols_per_target", "ROUTE_EXPERIMENTAL_ONLY")?.value).toBe(
      0.5,
    );
    expect(found(explanation, "experimental.classification.min_score", "ROUTE_EXPERIMENTAL_ONLY")?.value).toBe(0.5);
    expect(found(explanation, "use_ci_low", "ROUTE_BOTH")).toMatchObject({ kind: "switch", from: false, value: true });
    expect(explanation.wouldChange.map(({ to }) => to)).not.toContain("ROUTE_BLOCKED");
  });
});

describe("what would change a route", () => {
  const strong = candidate({ symbol: "UA" });
  const pooled = candidate();

  it.each<[string, Partial<Candidate>, string, unknown]>([
    ["a sample", { sample_size: 900 }, "candidates:late/UA#sample_size", 1000],
    ["its minimum", { sample_size: 900 }, "min_sample_size.symbol", 900],
    ["families", { successful_model_families: 0 }, "candidates:late/UA#successful_model_families", 1],
    ["the required families", { successful_model_families: 0 }, "require_min_successful_families", 0],
    ["leakage", { leakage_status: "SUSPECT" }, "candidates:late/UA#leakage_status", "SAFE"],
    ["its acceptance", { leakage_status: "SUSPECT" }, "accept_suspect", "late/UA"],
    ["a failed model", { model_status: "FAILED" }, "candidates:late/UA#model_status", "OK"],
    ["stability", { stability: "DIVERGED" }, "candidates:late/UA#stability", "STABLE"],
    ["the stabilities listed", { stability: "DRIFTING" }, "stability_allowlist.symbol", ["STABLE", "DRIFTING"]],
    [
      "a list that takes what wasn't measured",
      { stability: "NOT_MEASURED" },
      "stability_allowlist.symbol",
      ["STABLE", "NOT_MEASURED"],
    ],
  ])("%s", (_, changes, key, value) => {
    expect(found(explained([pooled, { ...strong, ...changes }]), key, "ROUTE_BOTH")?.value).toEqual(value);
  });

  it("a preference if both views are good enough", () => {
    const both = explained([pooled, strong]);
    expect(found(both, "both_strong_behavior", "ROUTE_SYMBOL_SPECIFIC")?.value).toBe("PREFER_SYMBOL");
    expect(found(both, "both_strong_behavior", "ROUTE_CROSS_SECTIONAL")?.value).toBe("PREFER_CS");
    expect(found(both, "candidates:late/CS#leakage_status", "ROUTE_SYMBOL_SPECIFIC")?.value).toBe("SUSPECT");
    expect(found(both, "symbol.classification.min_score", "ROUTE_CROSS_SECTIONAL")).toBeUndefined();
  });

  it("the figures of a stability, and the limits of its classes", () => {
    const stability_metrics = { snapshots: 3, mean_overlap: 0.65, std_overlap: 0.1, mean_tau: 0.7, std_tau: 0.1 };
    const drifting = explained([candidate({ score: 0.1 }), candidate({ symbol: "UA", stability_metrics })]);
    expect(found(drifting, "candidates:late/UA#stability_metrics.mean_overlap", "ROUTE_SYMBOL_SPECIFIC")?.value).toBe(
      0.7,
    );
    expect(found(drifting, "stability_classification.stable_overlap_min", "ROUTE_SYMBOL_SPECIFIC")?.value).toBe(0.65);
    expect(drifting.wouldChange.some(({ key }) => key === "candidates:late/UA#stability")).toBe(false);
  });

  it("an experiment's place, by score and by share", () => {
    const rows = [0.53, 0.525, 0.524, 0.523, 0.522].map((score, at) => candidate({ symbol: `s${at}`, score }));
    const second = explained(rows, "s1");
    expect(second.route).toBe("ROUTE_BLOCKED");
    expect(found(second, "candidates:late/s1#score", "ROUTE_EXPERIMENTAL_ONLY")?.value).toBe(0.5301);
    expect(found(second, "experimental.max_fraction_symbols_per_target", "ROUTE_EXPERIMENTAL_ONLY")?.value).toBe(0.4);
    const first = explained(rows, "s0");
    expect(first.route).toBe("ROUTE_EXPERIMENTAL_ONLY");
    expect(found(first, "experimental.max_fraction_symbols_per_target", "ROUTE_BLOCKED")?.value).toBe(0.1999);
    expect(found(first, "enable_experimental_lane", "ROUTE_BLOCKED")?.value).toBe(false);
  });

  it("of a pooled view: whether it is enabled", () => {
    const off = explained([candidate({ score: 0.5 })], null);
    expect(off).toMatchObject({ symbol: null, route: "DISABLED", segment: null, combination: null });
    expect(found(off, "candidates:late/CS#score", "ENABLED")?.value).toBe(0.52);
    expect(explained([candidate()], null).route).toBe("ENABLED");
  });

  it("no single figure if a view isn't measured at all", () => {
    const missing = explained([candidate({ score: 0.1 }), candidate({ target: "delay", symbol: "UA" })]);
    expect(missing.segment?.trace).toHaveLength(1);
    expect(missing.wouldChange.every(({ key }) => !key.startsWith("candidates:late/UA"))).toBe(true);
  });
});

describe("explaining an unknown target or segment", () => {
  it("names the nearest target and segment", () => {
    const failure = (target: string, symbol: string | null) => {
      try {
        explain({ candidates: [candidate({ symbol: "UA" })], policy: defaultPolicy(), tiers, target, symbol });
      } catch (error) {
        return error as AppError;
      }
      throw new Error("it was found");
    };
    expect(failure("lat", null)).toMatchObject({ code: "routing/not-found", hint: "It has: late." });
    expect(failure("lat", null).message).toContain("did you mean `late`?");
    expect(failure("late", "UB").message).toContain("the segment `UB` — did you mean `UA`?");
  });
});

/** Makes the one change a second time, from its words alone. */
function applied(
  change: WouldChange,
  it: { readonly candidates: readonly Candidate[]; readonly policy: RoutingPolicy },
) {
  if (change.key === "accept_suspect") {
    const view = it.candidates.find((row) => `${row.target}/${viewName(row.symbol)}` === change.value);
    const { target = "", symbol = null } = view ?? {};
    const accepted = { target, ...(symbol === null ? {} : { segment: symbol }), reason: "it is known" };
    return { ...it, policy: { ...it.policy, accept_suspect: [...it.policy.accept_suspect, accepted] } };
  }
  if (change.kind !== "evidence")
    return { ...it, policy: withValue(it.policy, change.key, change.value as PolicyValue) };
  const [, target, symbol, field = ""] = /^candidates:([^/]*)\/(.*)#(.*)$/.exec(change.key) ?? [];
  const [column = "", figure] = field.split(".");
  const candidates = it.candidates.map((row) => {
    if (row.target !== target || viewName(row.symbol) !== symbol) return row;
    if (figure === undefined) return { ...row, [column]: change.value };
    return { ...row, stability_metrics: { ...(row.stability_metrics as StabilityMetrics), [figure]: change.value } };
  });
  return { ...it, candidates };
}

describe("whatever the candidates and the policy", () => {
  it("each named change leads where it says, under a consistent policy", () => {
    let named = 0;
    const names = fc.constantFrom("a", "b", "c", "d");
    const one = fc.record({
      // The interval doesn't matter here, and a random one is often reversed.
      candidates: tableArbitrary(names).map((rows) => rows.map((row) => ({ ...row, score_ci_high: null }))),
      policy: policyArbitrary,
    });
    fc.assert(
      fc.property(one, (it) => {
        const symbol = it.candidates.find((row) => row.symbol !== null)?.symbol ?? null;
        const [target] = it.candidates.map((row) => row.target);
        if (target === undefined) return;
        for (const which of [symbol, null]) {
          const explanation = explain({ ...it, tiers, target, symbol: which });
          for (const change of explanation.wouldChange) {
            named += 1;
            const after = applied(change, it);
            expect(policyProblems(after.policy)).toEqual([]);
            expect(routingConfigSchema.safeParse(after.policy).success, change.words).toBe(true);
            const columns = Object.keys(after.candidates[0] ?? {});
            expect(candidateRows({ rows: [...after.candidates], columns }).bad, change.words).toEqual([]);
            const decision = routeCandidates({ ...after, tiers }).find((row) => row.target === target);
            expect(decision === undefined ? "" : outcomeOf(decision, which), change.words).toBe(change.to);
            expect(change.to).not.toBe(explanation.route);
          }
        }
      }),
      propertyRuns(250),
    );
    expect(named).toBeGreaterThan(100);
  });
});
