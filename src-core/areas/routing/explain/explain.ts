import { AppError } from "../../../contract/errors.ts";
import type { Signal, TraceStep } from "../../../contract/routing/routing-plans.ts";
import { segmentText } from "../../../contract/routing/view-name.ts";
import { didYouMean } from "../../../foundation/text/did-you-mean.ts";
import { type CandidateIndex, indexCandidates, type TargetRows } from "../candidates/candidate-index.ts";
import { traceOf } from "../decide/eligibility.ts";
import type { RouterInput, ViewDecision } from "../decide/route.ts";
import type { HorizonTier, RoutingPolicy } from "../policy/policy.ts";
import { thresholdsOf } from "../policy/thresholds.ts";
import { decisionIn, type Outcome, outcomeOf, type Situation } from "./situation.ts";
import { type WouldChange, wouldChange } from "./would-change.ts";

export interface ExplainedView {
  readonly signal: Signal;
  readonly reason: string;
  /** Every rule that was evaluated, in order, with the cap if it decided. */
  readonly trace: readonly TraceStep[];
}

export interface Explanation {
  readonly target: string;
  /** Null: the pooled view. */
  readonly symbol: string | null;
  readonly route: Outcome;
  readonly tier: HorizonTier;
  readonly crossSectional: ExplainedView;
  /** Null if the pooled view is explained. */
  readonly segment: ExplainedView | null;
  readonly combination: TraceStep | null;
  /** Every single change that would lead to another route, in its smallest form. */
  readonly wouldChange: readonly WouldChange[];
}

export interface ExplainInput extends RouterInput {
  readonly target: string;
  readonly symbol: string | null;
}

/**
 * Explains why a segment (or a target's pooled view) has its route, and what would change it.
 * @throws routing/not-found for a target or segment that the candidate table doesn't have
 */
export function explain({ candidates, policy, tiers, target, symbol }: ExplainInput): Explanation {
  const index = indexCandidates(candidates);
  const tier = tiers.get(target) ?? "default";
  const situation: Situation = { rows: rowsOf(index, target, symbol), symbols: index.symbols, policy, tier, symbol };
  const decision = decisionIn(situation);
  const segment = decision.segments.find((one) => one.symbol === symbol);
  return {
    target,
    symbol,
    route: outcomeOf(decision, symbol),
    tier,
    crossSectional: explained(decision.crossSectional, policy, tier),
    segment: segment === undefined ? null : explained(segment.view, policy, tier),
    combination: segment?.combination ?? null,
    wouldChange: wouldChange(situation),
  };
}

function explained(view: ViewDecision, policy: RoutingPolicy, tier: HorizonTier): ExplainedView {
  const { signal, reason, candidate, step, isCapped } = view;
  if (candidate === null) return { signal, reason, trace: [step] };
  const trace = traceOf(candidate, thresholdsOf(policy)(candidate, tier));
  return { signal, reason, trace: isCapped ? [...trace, step] : trace };
}

function rowsOf({ targets, symbols }: CandidateIndex, target: string, symbol: string | null): TargetRows {
  const rows = targets.find((one) => one.target === target);
  if (rows === undefined)
    throw notFound(
      "target",
      target,
      targets.map((one) => one.target),
    );
  if (symbol !== null && !symbols.includes(symbol)) throw notFound("segment", symbol, symbols);
  return rows;
}

function notFound(what: "target" | "segment", name: string, known: readonly string[]): AppError {
  const shown = known.slice(0, 20).map(segmentText).join(", ");
  const more = known.length > 20 ? `, and ${known.length - 20} more` : "";
  return new AppError({
    code: "routing/not-found",
    message: `The candidate table doesn't have the ${what} \`${name}\`${didYouMean(name, known)}`,
    hint: known.length === 0 ? `It has no ${what}s at all.` : `It has: ${shown}${more}.`,
    details: { [what]: name },
  });
}
