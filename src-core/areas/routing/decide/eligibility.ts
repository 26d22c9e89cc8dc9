import type { Candidate, Signal, TraceStep } from "../../../contract/routing/routing-plans.ts";
import { viewName } from "../../../contract/routing/view-name.ts";
import type { ViewThresholds } from "../policy/thresholds.ts";
import { type Rule, rules } from "./eligibility-rules.ts";

export interface Eligibility {
  readonly signal: Signal;
  /** The rule that decided. */
  readonly step: TraceStep;
  /** A clause that says why, without a full stop. */
  readonly reason: string;
}

/** What one view is good for: the result of the first rule that decides. Always has one, since the last rule always decides. */
export function eligibilityOf(candidate: Candidate, thresholds: ViewThresholds): Eligibility {
  for (const rule of rules) {
    const signal = rule.decide(candidate, thresholds);
    if (signal !== null) return decided(rule, candidate, { thresholds, signal });
  }
  throw new Error("No rule of eligibility decided.");
}

function decided(
  rule: Rule,
  candidate: Candidate,
  { thresholds, signal }: { readonly thresholds: ViewThresholds; readonly signal: Signal },
): Eligibility {
  const step = stepOf(rule, candidate, { thresholds, outcome: signal });
  return { signal, step, reason: rule.reason(candidate, thresholds) };
}

/** Every rule that is evaluated for a view, in order, up to the one that decides. */
export function traceOf(candidate: Candidate, thresholds: ViewThresholds): readonly TraceStep[] {
  const steps: TraceStep[] = [];
  for (const rule of rules) {
    const signal = rule.decide(candidate, thresholds);
    const unmet = rule.unmet?.(candidate, thresholds);
    const outcome = signal ?? (unmet === undefined ? "passed" : `not met: ${unmet}`);
    const step = stepOf(rule, candidate, { thresholds, outcome });
    steps.push(signal !== null || unmet === undefined ? step : { ...step, unmet });
    if (signal !== null) break;
  }
  return steps;
}

function stepOf(
  { rule, facts }: Rule,
  candidate: Candidate,
  { thresholds, outcome }: { readonly thresholds: ViewThresholds; readonly outcome: string },
): TraceStep {
  const { field, value, threshold, key } = facts(candidate, thresholds);
  const source = sourceOf(candidate, field);
  return { view: thresholds.view, rule, value, threshold, policy_key: key, source, outcome };
}

/** How the rows of one target are named. They follow each other, and a million names share their beginning. */
let rowsOfTarget = { target: "", text: "candidates:/" };

/** "candidates:late/UA#score": the row and column that a value was read from. */
export function sourceOf({ target, symbol }: Pick<Candidate, "target" | "symbol">, field?: keyof Candidate): string {
  if (rowsOfTarget.target !== target) rowsOfTarget = { target, text: `candidates:${target}/` };
  return rowsOfTarget.text + (field === undefined ? viewName(symbol) : `${viewName(symbol)}#${field}`);
}
