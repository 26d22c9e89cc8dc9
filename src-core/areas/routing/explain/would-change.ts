import { routingConfigSchema } from "../../../contract/configs/routing-config.ts";
import type { RoutingPolicy } from "../policy/policy.ts";
import { policyText } from "../policy/policy-keys.ts";
import { policyProblems } from "../policy/policy-rules.ts";
import { evidenceChanges } from "./evidence-changes.ts";
import { policyChanges } from "./policy-changes.ts";
import { type Change, type ChangedValue, decisionIn, type Outcome, outcomeOf, type Situation } from "./situation.ts";

export interface WouldChange extends Change {
  readonly to: Outcome;
  /** "symbol.classification.min_score at 0.53 instead of 0.54". */
  readonly words: string;
}

/**
 * Every single change found that leads to another outcome, each one tried out: of several values of one thing, the nearest.
 * Values of the policy and figures of the two views are moved to and past what they are compared with.
 */
export function wouldChange(situation: Situation): readonly WouldChange[] {
  const { symbol } = situation;
  const decision = decisionIn(situation);
  const now = outcomeOf(decision, symbol);
  const nearest = new Map<string, WouldChange>();
  for (const attempt of [...policyChanges(situation, decision), ...evidenceChanges(situation, decision)]) {
    const { kind, key, from, value } = attempt;
    const to = outcomeOf(decisionIn(attempt.situation), symbol);
    if (to === now || !isPolicy(attempt.situation.policy)) continue;
    const place = `${to} ${key}`;
    const known = nearest.get(place);
    if (known !== undefined && distance(known) <= distance(attempt)) continue;
    nearest.set(place, { to, kind, key, from, value, words: `${key} at ${text(value)} instead of ${text(from)}` });
  }
  return [...nearest.values()];
}

/** Nobody could write a threshold just above the highest possible value, or a list with a gap. */
function isPolicy(policy: RoutingPolicy): boolean {
  return policyProblems(policy).length === 0 && routingConfigSchema.safeParse(policy).success;
}

/** How far a value is moved; without a distance, the first value that was tried is kept. */
function distance({ from, value }: Change): number {
  if (typeof from === "number" && typeof value === "number") return Math.abs(value - from);
  if (Array.isArray(from) && Array.isArray(value)) return Math.abs(value.length - from.length);
  return 0;
}

function text(value: ChangedValue): string {
  return value === null ? "none" : policyText(value);
}
