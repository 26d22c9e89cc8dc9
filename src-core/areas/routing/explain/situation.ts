import type { Route } from "../../../contract/routing/routes.ts";
import type { Candidate } from "../../../contract/routing/routing-plans.ts";
import { segmentText } from "../../../contract/routing/view-name.ts";
import type { TargetRows } from "../candidates/candidate-index.ts";
import { isEnabled } from "../decide/combine.ts";
import { judged, router, type TargetDecision } from "../decide/route.ts";
import type { HorizonTier, RoutingPolicy } from "../policy/policy.ts";
import { thresholdsOf, type ViewThresholds } from "../policy/thresholds.ts";

/** What is decided: the route of one segment of a target, or of its pooled view (symbol null). */
export interface Situation {
  readonly rows: TargetRows;
  readonly symbols: readonly string[];
  readonly policy: RoutingPolicy;
  readonly tier: HorizonTier;
  readonly symbol: string | null;
}

/** The outcome for a segment, or for a target's pooled view. */
export type Outcome = Route | "ENABLED" | "DISABLED";

export function decisionIn({ rows, symbols, policy, tier }: Situation): TargetDecision {
  return router(policy, symbols)(rows, tier);
}

export function outcomeOf({ crossSectional, segments, target }: TargetDecision, symbol: string | null): Outcome {
  if (symbol === null) return isEnabled(crossSectional.signal) ? "ENABLED" : "DISABLED";
  const segment = segments.find((one) => one.symbol === symbol);
  if (segment === undefined) throw new Error(`${target} has no segment ${segmentText(symbol)}.`);
  return segment.route;
}

export interface JudgedView {
  readonly candidate: Candidate;
  readonly t: ViewThresholds;
}

/** The views that the outcome depends on, if they are measured. */
export function viewsIn({ rows, symbols, symbol, policy, tier }: Situation): readonly JudgedView[] {
  const lookUp = thresholdsOf(policy);
  return [rows.crossSectional, symbol === null ? null : (rows.segments[symbols.indexOf(symbol)] ?? null)]
    .filter((row) => row !== null)
    .map((row) => judged(row, policy))
    .map((candidate) => ({ candidate, t: lookUp(candidate, tier) }));
}

export type ChangedValue = string | number | boolean | null | readonly string[];

/** One thing changed: a value of the policy, or a figure of the evidence. */
export interface Change {
  readonly kind: "threshold" | "switch" | "evidence";
  /** Key of the policy, or row and column of the candidate table (`candidates:late/UA#score`). */
  readonly key: string;
  readonly from: ChangedValue;
  readonly value: ChangedValue;
}

/** A change and the resulting situation, to be tried out. */
export interface Attempt extends Change {
  readonly situation: Situation;
}
