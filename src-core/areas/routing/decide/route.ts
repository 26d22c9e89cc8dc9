import type { Route } from "../../../contract/routing/routes.ts";
import type { Candidate, Signal, TraceStep } from "../../../contract/routing/routing-plans.ts";
import { stabilityOfMetrics } from "../assess/stability.ts";
import { type CandidateIndex, indexCandidates, type TargetRows } from "../candidates/candidate-index.ts";
import type { HorizonTier, RoutingPolicy, ViewName } from "../policy/policy.ts";
import { type ThresholdsOf, thresholdsOf } from "../policy/thresholds.ts";
import { type CombinationOf, combinationsOf } from "./combine.ts";
import { eligibilityOf, sourceOf } from "./eligibility.ts";
import { experimentLimit, ranked } from "./experimental-cap.ts";

/** What one view of a target is good for, and the rule that decided it. */
export interface ViewDecision {
  readonly signal: Signal;
  /** The row as it was judged, with the stability recomputed from its metrics. Null: the table has no row. */
  readonly candidate: Candidate | null;
  readonly reason: string;
  readonly step: TraceStep;
  /** It would be an experiment, but better ones take all places. */
  readonly isCapped: boolean;
}

export interface SegmentDecision {
  readonly symbol: string;
  readonly route: Route;
  readonly view: ViewDecision;
  readonly combination: TraceStep;
}

export interface TargetDecision {
  readonly target: string;
  readonly crossSectional: ViewDecision;
  /** By symbol, in the order of code points. */
  readonly segments: readonly SegmentDecision[];
}

/** By target, in the order of code points. */
export type Routing = readonly TargetDecision[];

export interface RouterInput {
  readonly candidates: readonly Candidate[];
  readonly policy: RoutingPolicy;
  /** By target; a target that isn't listed has no horizon. */
  readonly tiers: ReadonlyMap<string, HorizonTier>;
}

/** Decides where each target and segment is trained. Pure: the same rows in any order give the same decisions. */
export function routeCandidates({ candidates, policy, tiers }: RouterInput): Routing {
  const index = indexCandidates(candidates);
  const route = router(policy, index.symbols);
  return index.targets.map((rows) => route(rows, tiers.get(rows.target) ?? "default"));
}

/** Routes one target at a time under a policy, for callers that repeat it with one thing changed. */
export function router(
  policy: RoutingPolicy,
  symbols: CandidateIndex["symbols"],
): (rows: TargetRows, tier: HorizonTier) => TargetDecision {
  const thresholds = thresholdsOf(policy);
  const combination = combinationsOf(policy);
  return (rows, tier) => {
    const decide = (row: Candidate) => viewDecision(row, { policy, thresholds, tier });
    const missing = (symbol: string | null) => notMeasured(rows.target, symbol);
    const crossSectional = rows.crossSectional === null ? missing(null) : decide(rows.crossSectional);
    const views = rows.segments.map((row, at) => (row === null ? missing(symbols[at] ?? "") : decide(row)));
    const capped = cappedViews(views, symbols, policy);
    return {
      target: rows.target,
      crossSectional,
      segments: segmentsOf(capped, { symbols, crossSectional, combination }),
    };
  };
}

function segmentsOf(
  views: readonly ViewDecision[],
  of: {
    readonly symbols: readonly string[];
    readonly crossSectional: ViewDecision;
    readonly combination: CombinationOf;
  },
): readonly SegmentDecision[] {
  return views.map((view, at) => {
    const { route, step } = of.combination(of.crossSectional.signal, view.signal);
    return { symbol: of.symbols[at] ?? "", route, view, combination: step };
  });
}

interface InForce {
  readonly policy: RoutingPolicy;
  readonly thresholds: ThresholdsOf;
  readonly tier: HorizonTier;
}

function viewDecision(row: Candidate, { policy, thresholds, tier }: InForce): ViewDecision {
  const candidate = judged(row, policy);
  const { signal, reason, step } = eligibilityOf(candidate, thresholds(candidate, tier));
  return { signal, candidate, reason, step, isCapped: false };
}

/** The row with the stability that its metrics have under this policy, if it has metrics. */
export function judged(candidate: Candidate, policy: RoutingPolicy): Candidate {
  if (candidate.stability_metrics === null) return candidate;
  const stability = stabilityOfMetrics(candidate.stability_metrics, policy);
  return stability === candidate.stability ? candidate : { ...candidate, stability };
}

function notMeasured(target: string, symbol: string | null): ViewDecision {
  const view: ViewName = symbol === null ? "cross_sectional" : "symbol";
  const source = sourceOf({ target, symbol });
  const step = { view, rule: "no_score", value: null, threshold: null, policy_key: null, source } as const;
  return {
    signal: "DISALLOWED",
    candidate: null,
    reason: "not measured: the candidate table has no row",
    step: { ...step, outcome: "DISALLOWED" },
    isCapped: false,
  };
}

/** The views after the cap: experiments beyond the limit become DISALLOWED. */
function cappedViews(
  views: readonly ViewDecision[],
  symbols: readonly string[],
  policy: RoutingPolicy,
): readonly ViewDecision[] {
  const experiments: { readonly at: number; readonly symbol: string; readonly score: number | null }[] = [];
  for (const [at, view] of views.entries())
    if (view.signal === "EXPERIMENTAL")
      experiments.push({ at, symbol: symbols[at] ?? "", score: scoreIn(view, policy) });
  const limit = experimentLimit(policy.experimental.max_fraction_symbols_per_target, symbols.length);
  if (experiments.length <= limit) return views;
  const changed = [...views];
  const places = `of its target by score, and ${limit} of ${symbols.length} segments may be experiments`;
  for (const [rank, { at }] of ranked(experiments).entries()) {
    const view = views[at];
    if (rank >= limit && view !== undefined) changed[at] = capped(view, { rank, limit, places });
  }
  return changed;
}

/** The figure that counted as a view's score. */
export function scoreIn({ candidate }: ViewDecision, { use_ci_low }: RoutingPolicy): number | null {
  return candidate === null ? null : use_ci_low ? candidate.score_ci_low : candidate.score;
}

function capped(
  view: ViewDecision,
  { rank, limit, places }: { readonly rank: number; readonly limit: number; readonly places: string },
): ViewDecision {
  return {
    ...view,
    signal: "DISALLOWED",
    isCapped: true,
    reason: `an experiment, but number ${rank + 1} ${places}`,
    step: {
      ...view.step,
      rule: "cap",
      value: rank + 1,
      threshold: limit,
      policy_key: "experimental.max_fraction_symbols_per_target",
      outcome: "DISALLOWED",
    },
  };
}
