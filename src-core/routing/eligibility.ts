import type { Candidate, Signal, TraceStep } from "../contract/routing-plans.ts";
import { type Rule, rules } from "./eligibility-rules.ts";
import type { ViewThresholds } from "./thresholds.ts";

export interface Eligibility {
  readonly signal: Signal;
  /** The rule that decided. */
  readonly step: TraceStep;
  /** A clause that says why, without a full stop. */
  readonly reason: string;
}

/** What one view is good for: the first rule that decides. Total, since the last rule decides always. */
export function eligibilityOf(candidate: Candidate, thresholds: ViewThresholds): Eligibility {
  for (const rule of rules) {
    const signal = rule.decide(candidate, thresholds);
    if (signal !== null) return decided(rule, candidate, { thresholds, signal });
  }
  throw new Error("No rule of eligibility decided.");
}

function decided(
  { rule, facts }: Rule,
  candidate: Candidate,
  { thresholds, signal }: { readonly thresholds: ViewThresholds; readonly signal: Signal },
): Eligibility {
  const { field, value, threshold, key, reason } = facts(candidate, thresholds);
  const source = sourceOf(candidate, field);
  const step = { view: thresholds.view, rule, value, threshold, policy_key: key, source, outcome: signal };
  return { signal, step, reason };
}

/** Every rule that is asked of a view, in order, up to the one that decides. */
export function traceOf(candidate: Candidate, thresholds: ViewThresholds): readonly TraceStep[] {
  const steps: TraceStep[] = [];
  for (const { rule, decide, facts } of rules) {
    const { field, value, threshold, key, unmet } = facts(candidate, thresholds);
    const signal = decide(candidate, thresholds);
    const outcome = signal ?? (unmet === undefined || unmet === "" ? "passed" : `not met: ${unmet}`);
    const source = sourceOf(candidate, field);
    steps.push({ view: thresholds.view, rule, value, threshold, policy_key: key, source, outcome });
    if (signal !== null) break;
  }
  return steps;
}

/** "candidates:late/UA#score": the row and column that a value was read from. */
export function sourceOf({ target, symbol }: Pick<Candidate, "target" | "symbol">, field?: keyof Candidate): string {
  const row = `candidates:${target}/${symbol ?? "CS"}`;
  return field === undefined ? row : `${row}#${field}`;
}
