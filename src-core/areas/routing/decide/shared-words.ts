import { type Candidate, leakageSchema, stabilitySchema } from "../../../contract/routing/routing-plans.ts";
import { acceptanceOf } from "../policy/policy.ts";
import type { ViewThresholds } from "../policy/thresholds.ts";
import { roundedShare } from "./figure-text.ts";

type Words = (candidate: Candidate, thresholds: ViewThresholds) => string;

const placesOf = <T extends string>(values: readonly T[]) =>
  new Map<string, number>(values.map((value, at) => [value, at]));
const stabilities = placesOf(stabilitySchema.options);
const leakages = placesOf(leakageSchema.options);

/**
 * Words about a score, a stability and a leakage status, built once for all views that they are true of: there are a few
 * thousand such sentences, and a table may have a million rows. `level`: the threshold shown beside the score.
 */
export function sharedWords(
  words: Words,
  {
    score,
    level,
  }: {
    readonly score: (candidate: Candidate, thresholds: ViewThresholds) => number | null;
    readonly level: "minScore" | "strongScore";
  },
): Words {
  const known = new WeakMap<ViewThresholds, Map<number, string>>();
  const textsOf = (thresholds: ViewThresholds) => {
    const texts = known.get(thresholds) ?? new Map<number, string>();
    known.set(thresholds, texts);
    return texts;
  };
  return (candidate, thresholds) => {
    // Its reason is its own.
    if (acceptanceOf(candidate, thresholds.policy) !== undefined) return words(candidate, thresholds);
    const share = roundedShare(score(candidate, thresholds), thresholds[level].value);
    if (share === undefined) return words(candidate, thresholds);
    const stability = stabilities.get(candidate.stability) ?? 0;
    const key = (share * stabilities.size + stability) * leakages.size + (leakages.get(candidate.leakage_status) ?? 0);
    const texts = textsOf(thresholds);
    const made = texts.get(key) ?? words(candidate, thresholds);
    texts.set(key, made);
    return made;
  };
}
