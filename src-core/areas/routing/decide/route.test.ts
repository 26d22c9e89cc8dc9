import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  candidate,
  policy,
  policyArbitrary,
  propertyRuns,
  tableArbitrary,
  tierArbitrary,
} from "../../../../test/support/routing-candidates.ts";
import type { Route } from "../../../contract/routing/routes.ts";
import type { Candidate, Leakage, Stability } from "../../../contract/routing/routing-plans.ts";
import { defaultPolicy, type HorizonTier, type RoutingPolicy } from "../policy/policy.ts";
import { combinedRoute } from "./combine.ts";
import { experimentLimit } from "./experimental-cap.ts";
import { judged, routeCandidates, type SegmentDecision, type TargetDecision } from "./route.ts";

const noTiers: ReadonlyMap<string, HorizonTier> = new Map();

function routed(candidates: readonly Candidate[], config: Readonly<Record<string, unknown>> = {}): TargetDecision {
  const [first] = routeCandidates({ candidates, policy: policy(config), tiers: noTiers });
  if (first === undefined) throw new Error("nothing was routed");
  return first;
}

function segment(decision: TargetDecision, symbol: string): SegmentDecision {
  const found = decision.segments.find((one) => one.symbol === symbol);
  if (found === undefined) throw new Error(`no segment ${symbol}`);
  return found;
}

/** Segments a, b, … that are experiments by their score. */
const experiments = (scores: readonly number[]) =>
  scores.map((score, at) => candidate({ symbol: String.fromCharCode(97 + at), score }));

describe("routing a table", () => {
  it("decides each target and segment, sorted by code point", () => {
    const names = ["b", "\u{1F6EB}", "\uFFFD", "a", "B"];
    const routing = routeCandidates({
      candidates: ["t2", "t1"].flatMap((target) => names.map((symbol) => candidate({ target, symbol }))),
      policy: defaultPolicy(),
      tiers: noTiers,
    });
    expect(routing.map(({ target }) => target)).toEqual(["t1", "t2"]);
    for (const { segments } of routing)
      expect(segments.map(({ symbol }) => symbol)).toEqual(["B", "a", "b", "\uFFFD", "\u{1F6EB}"]);
  });

  it("treats every segment of the table as a segment of every target", () => {
    const [delay, late] = routeCandidates({
      candidates: [
        candidate({ target: "late", symbol: "UA" }),
        candidate({ target: "delay", symbol: null }),
        candidate({ target: "delay", symbol: "AA" }),
      ],
      policy: defaultPolicy(),
      tiers: noTiers,
    });
    expect(late?.segments.map(({ symbol, route }) => `${symbol} ${route}`)).toEqual([
      "AA ROUTE_BLOCKED",
      "UA ROUTE_SYMBOL_SPECIFIC",
    ]);
    expect(delay?.segments.map(({ symbol, route }) => `${symbol} ${route}`)).toEqual([
      "AA ROUTE_BOTH",
      "UA ROUTE_CROSS_SECTIONAL",
    ]);
    const unmeasured = delay?.segments[1]?.view;
    expect(unmeasured).toMatchObject({ signal: "DISALLOWED", candidate: null, isCapped: false });
    expect(unmeasured?.reason).toContain("not measured");
    expect(late?.crossSectional).toMatchObject({ signal: "DISALLOWED", candidate: null });
  });

  it("routes a target without segments by its pooled view only", () => {
    const decision = routed([candidate()]);
    expect(decision.segments).toEqual([]);
    expect(decision.crossSectional.signal).toBe("STRONG");
  });

  it("uses a target's own tier of horizon", () => {
    const rows = ["near", "far"].map((target) =>
      candidate({ target, symbol: "UA", task_type: "regression", metric_name: "r2", score: -0.25 }),
    );
    const tiers = new Map([["far", "very_long"]] as const);
    const routing = routeCandidates({ candidates: rows, policy: defaultPolicy(), tiers });
    expect(routing.map(({ target, segments }) => `${target} ${segments[0]?.view.signal}`)).toEqual([
      "far STRONG",
      "near WEAK_BUT_OK",
    ]);
  });

  it("recomputes the stability from the metrics of a row", () => {
    const stability_metrics = { snapshots: 3, mean_overlap: 0.6, std_overlap: 0.1, mean_tau: 0.5, std_tau: 0.1 };
    const row = candidate({ symbol: "UA", stability: "STABLE", stability_metrics });
    const { view } = segment(routed([row]), "UA");
    expect(view.candidate?.stability).toBe("DRIFTING");
    expect(view.signal).toBe("DISALLOWED");
    const lenient = { stability_classification: { stable_overlap_min: 0.55, stable_tau_min: 0.45 } };
    expect(segment(routed([row], lenient), "UA").view.signal).toBe("STRONG");
  });

  it("refuses the same row twice", () => {
    expect(() => routed([candidate(), candidate()])).toThrow("late/CS occurs twice");
    expect(() => routed([candidate({ symbol: "UA" }), candidate({ symbol: "UA" })])).toThrow("late/UA occurs twice");
  });

  it("routes an empty table to nothing", () => {
    expect(routeCandidates({ candidates: [], policy: defaultPolicy(), tiers: noTiers })).toEqual([]);
  });
});

describe("the cap on experiments", () => {
  it.each([
    [0.2, 15, 3],
    [0.29, 100, 29],
    [0.2, 4, 0],
    [0.2, 5, 1],
    [0, 100, 0],
    [1, 7, 7],
    [1 / 3, 9, 3],
  ])("a share of %d of %d segments: %d", (fraction, segments, limit) => {
    expect(experimentLimit(fraction, segments)).toBe(limit);
  });

  it("keeps the best by score, then by name; the others become DISALLOWED", () => {
    const decision = routed(experiments([0.525, 0.53, 0.53, 0.535, 0.52]), {
      experimental: { max_fraction_symbols_per_target: 0.4 },
    });
    expect(decision.segments.map(({ route, view }) => `${view.signal} ${view.isCapped} ${route}`)).toEqual([
      "DISALLOWED true ROUTE_BLOCKED",
      "EXPERIMENTAL false ROUTE_EXPERIMENTAL_ONLY",
      "DISALLOWED true ROUTE_BLOCKED",
      "EXPERIMENTAL false ROUTE_EXPERIMENTAL_ONLY",
      "DISALLOWED true ROUTE_BLOCKED",
    ]);
    expect(segment(decision, "c").view).toMatchObject({
      reason: "an experiment, but number 3 of its target by score, and 2 of 5 segments may be experiments",
      step: {
        view: "symbol",
        rule: "cap",
        value: 3,
        threshold: 2,
        policy_key: "experimental.max_fraction_symbols_per_target",
        source: "candidates:late/c#score",
        outcome: "DISALLOWED",
      },
    });
  });

  it("counts all of the target's segments, but only its own experiments", () => {
    const strong = ["v", "w", "x", "y"].map((symbol) => candidate({ symbol }));
    const other = ["v", "w", "x", "y"].map((symbol) => candidate({ target: "other", symbol, score: 0.53 }));
    const [late] = routeCandidates({
      candidates: [...experiments([0.53]), ...strong, ...other],
      policy: defaultPolicy(),
      tiers: noTiers,
    });
    expect(late?.segments[0]?.view.signal).toBe("EXPERIMENTAL");
  });

  it("counts segments that the target has no row for", () => {
    const elsewhere = ["v", "w", "x", "y"].map((symbol) => candidate({ target: "other", symbol }));
    const [late] = routeCandidates({
      candidates: [...experiments([0.53]), ...elsewhere],
      policy: defaultPolicy(),
      tiers: noTiers,
    });
    expect(late?.segments[0]?.view.signal).toBe("EXPERIMENTAL");
  });

  it("ranks by the lower bound if it replaces the score", () => {
    const rows = [
      candidate({ symbol: "a", score: 0.9, score_ci_low: 0.525 }),
      candidate({ symbol: "b", score: 0.6, score_ci_low: 0.53 }),
    ];
    const decision = routed(rows, { use_ci_low: true, experimental: { max_fraction_symbols_per_target: 0.5 } });
    expect(decision.segments.map(({ view }) => view.signal)).toEqual(["DISALLOWED", "EXPERIMENTAL"]);
  });

  it("doesn't affect the pooled view", () => {
    const decision = routed([candidate({ stability: "UNKNOWN" }), candidate({ symbol: "a" })]);
    expect(decision.crossSectional.signal).toBe("EXPERIMENTAL");
  });
});

const rank: Readonly<Record<Route, number>> = {
  ROUTE_BLOCKED: 0,
  ROUTE_EXPERIMENTAL_ONLY: 1,
  ROUTE_CROSS_SECTIONAL: 2,
  ROUTE_SYMBOL_SPECIFIC: 2,
  ROUTE_BOTH: 3,
};

/** One view made better in one respect. */
function better(given: Candidate, respect: number, inForce: RoutingPolicy): Candidate | null {
  // The stability that counts is the one that the row's metrics have.
  const row = judged(given, inForce);
  const stabilities: readonly Stability[] = ["DIVERGED", "UNKNOWN", "DRIFTING", "STABLE"];
  const leakages: readonly Leakage[] = ["BLOCKED", "SUSPECT", "SAFE"];
  const next = <T>(list: readonly T[], one: T) => list[list.indexOf(one) + 1];
  const score = inForce.use_ci_low ? "score_ci_low" : "score";
  switch (respect) {
    case 0:
      return { ...row, [score]: (row[score] ?? -0.05) + 0.05 };
    case 1:
      return { ...row, [score]: (row[score] ?? 0) + 0.5 };
    case 2:
      return { ...row, sample_size: (row.sample_size ?? 0) + 4_001 };
    case 3:
      return { ...row, successful_model_families: (row.successful_model_families ?? 0) + 1 };
    case 4: {
      const stability = row.stability === "NOT_MEASURED" ? undefined : next(stabilities, row.stability);
      return stability === undefined ? null : { ...row, stability, stability_metrics: null };
    }
    default: {
      const leakage_status = row.leakage_status === "NOT_MEASURED" ? "SAFE" : next(leakages, row.leakage_status);
      return leakage_status === undefined ? null : { ...row, leakage_status };
    }
  }
}

describe("whatever the candidates and the policy", () => {
  const input = fc.record({
    candidates: tableArbitrary(),
    policy: policyArbitrary,
    tiers: fc.tuple(tierArbitrary, tierArbitrary).map(
      ([late, delay]) =>
        new Map([
          ["late", late],
          ["delay", delay],
        ]),
    ),
  });

  it("every target and segment has the route that the table gives its two signals", () => {
    fc.assert(
      fc.property(input, (it) => {
        const symbols = new Set(it.candidates.flatMap(({ symbol }) => symbol ?? []));
        const routing = routeCandidates(it);
        expect(routing).toHaveLength(new Set(it.candidates.map(({ target }) => target)).size);
        for (const { segments, crossSectional } of routing) {
          expect(segments).toHaveLength(symbols.size);
          for (const { route, view, combination } of segments) {
            expect(route).toBe(combinedRoute(crossSectional.signal, view.signal, it.policy.both_strong_behavior));
            expect(combination.outcome).toBe(route);
          }
          const most = experimentLimit(it.policy.experimental.max_fraction_symbols_per_target, symbols.size);
          expect(segments.filter(({ view }) => view.signal === "EXPERIMENTAL").length).toBeLessThanOrEqual(most);
        }
      }),
      propertyRuns(500),
    );
  });

  it("the order of the rows changes nothing", () => {
    const shuffled = input.chain((it) =>
      fc.shuffledSubarray([...it.candidates], { minLength: it.candidates.length }).map((rows) => ({ it, rows })),
    );
    fc.assert(
      fc.property(shuffled, ({ it, rows }) => {
        expect(routeCandidates({ ...it, candidates: rows })).toEqual(routeCandidates(it));
      }),
      propertyRuns(300),
    );
  });

  it("making one view better never lowers the route of its target and segment", () => {
    let raised = 0;
    const change = fc.record({ it: input, at: fc.nat(13), respect: fc.nat(5) });
    fc.assert(
      fc.property(change, ({ it, at, respect }) => {
        const row = it.candidates[at % Math.max(1, it.candidates.length)];
        const improved = row === undefined ? null : better(row, respect, it.policy);
        if (row === undefined || improved === null) return;
        const candidates = it.candidates.map((one) => (one === row ? improved : one));
        const before = routeCandidates(it).find(({ target }) => target === row.target);
        const after = routeCandidates({ ...it, candidates }).find(({ target }) => target === row.target);
        for (const [index, { symbol, route }] of (before?.segments ?? []).entries()) {
          // A segment's own view affects its own route; the pooled view affects all of them.
          if (row.symbol !== null && row.symbol !== symbol) continue;
          const now = after?.segments[index]?.route ?? "ROUTE_BLOCKED";
          if (rank[now] > rank[route]) raised += 1;
          expect(rank[now], `${symbol}: ${route} became ${now}`).toBeGreaterThanOrEqual(rank[route]);
        }
      }),
      propertyRuns(2_000),
    );
    // Otherwise the property would also hold for routes that never move.
    expect(raised).toBeGreaterThan(10);
  });
});
