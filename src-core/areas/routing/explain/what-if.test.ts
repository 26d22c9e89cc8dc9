import { describe, expect, it } from "vitest";
import { candidate, policy } from "../../../../test/support/routing-candidates.ts";
import type { Routing } from "../decide/route.ts";
import { defaultPolicy, type HorizonTier } from "../policy/policy.ts";
import { type ComparedJob, whatIf } from "./what-if.ts";

const tiers: ReadonlyMap<string, HorizonTier> = new Map();
const candidates = [
  candidate({ score: 0.55 }),
  candidate({ symbol: "AA", score: 0.59 }),
  candidate({ symbol: "UA", score: 0.7 }),
];

/** A pooled job on the CPU and one on the GPU for each segment of its own; nothing is known of UA's. */
function jobsOf(routing: Routing): readonly ComparedJob[] {
  return routing.flatMap(({ target, segments }) => {
    const own = segments.filter(({ route }) => route === "ROUTE_BOTH" || route === "ROUTE_SYMBOL_SPECIFIC");
    const isPooled = segments.some(({ route }) => route === "ROUTE_BOTH" || route === "ROUTE_CROSS_SECTIONAL");
    return [
      ...(isPooled ? [{ key: target, device: "cpu" as const, seconds: 1_800 }] : []),
      ...own.map(({ symbol }) => ({
        key: `${target}/${symbol}`,
        device: "gpu" as const,
        seconds: symbol === "UA" ? null : 7_200,
      })),
    ];
  });
}

describe("what if", () => {
  it("reports which routes another policy changes and why, and what that costs", () => {
    const changed = policy({ symbol: { min_score: 0.6 } });
    expect(whatIf({ candidates, policy: defaultPolicy(), changed, tiers, jobsOf })).toEqual({
      routes: [
        {
          target: "late",
          symbol: "AA",
          from: "ROUTE_BOTH",
          to: "ROUTE_CROSS_SECTIONAL",
          why: "segment WEAK_BUT_OK → DISALLOWED: an experiment, but number 1 of its target by score, and 0 of 2 segments may be experiments",
        },
      ],
      jobsAdded: 0,
      jobsRemoved: 1,
      before: { jobs: 3, cpuHours: 0.5, gpuHours: 2, withoutEstimate: 1 },
      after: { jobs: 2, cpuHours: 0.5, gpuHours: 0, withoutEstimate: 1 },
    });
  });

  it("reports the pooled view, and every segment that it decides about", () => {
    const { routes, jobsAdded, jobsRemoved } = whatIf({
      candidates,
      policy: policy({ cross_sectional: { min_score: 0.56 } }),
      changed: defaultPolicy(),
      tiers,
      jobsOf,
    });
    const why = "cross-sectional EXPERIMENTAL → WEAK_BUT_OK: score 0.55 ≥ 0.52, STABLE, leakage SAFE";
    expect(routes).toEqual([
      { target: "late", symbol: null, from: "DISABLED", to: "ENABLED", why },
      { target: "late", symbol: "AA", from: "ROUTE_SYMBOL_SPECIFIC", to: "ROUTE_BOTH", why },
      { target: "late", symbol: "UA", from: "ROUTE_SYMBOL_SPECIFIC", to: "ROUTE_BOTH", why },
    ]);
    expect([jobsAdded, jobsRemoved]).toEqual([1, 0]);
  });

  it("names the preference if the signals don't change", () => {
    const changed = policy({ both_strong_behavior: "PREFER_CS" });
    const { routes } = whatIf({ candidates, policy: defaultPolicy(), changed, tiers, jobsOf });
    expect(routes[0]).toMatchObject({
      to: "ROUTE_CROSS_SECTIONAL",
      why: "both views are good enough: both_strong_behavior is PREFER_CS",
    });
  });

  it("of the same policy changes nothing", () => {
    const same = whatIf({ candidates, policy: defaultPolicy(), changed: defaultPolicy(), tiers, jobsOf });
    expect(same).toMatchObject({ routes: [], jobsAdded: 0, jobsRemoved: 0 });
    expect(same.after).toEqual(same.before);
  });
});
