import type { Candidate, Signal, TraceStep } from "../../../contract/routing/routing-plans.ts";
import { acceptanceOf, type RoutingPolicy } from "../policy/policy.ts";
import type { ViewThresholds } from "../policy/thresholds.ts";
import { compared } from "./figure-text.ts";
import { sharedWords } from "./shared-words.ts";

/** What a rule reads. */
interface Facts {
  /** Column of the candidate table that the value comes from. */
  readonly field: keyof Candidate;
  readonly value: TraceStep["value"];
  readonly threshold: TraceStep["threshold"];
  /** Key of the threshold in the policy. */
  readonly key: string | null;
}

/** Facts and words are built only for the rules that are shown: a table may have a million rows. */
export interface Rule {
  readonly rule: string;
  /** The signal it gives; null: the next rule applies. */
  readonly decide: (candidate: Candidate, thresholds: ViewThresholds) => Signal | null;
  readonly facts: (candidate: Candidate, thresholds: ViewThresholds) => Facts;
  /** Why, if it decides: a clause without a full stop. */
  readonly reason: (candidate: Candidate, thresholds: ViewThresholds) => string;
  /** Why it doesn't decide, if the facts don't say it all. */
  readonly unmet?: (candidate: Candidate, thresholds: ViewThresholds) => string;
}

/** The figure that counts as the score: the lower bound if the policy says so. */
export function scoreOf(candidate: Candidate, { scoreField }: Pick<ViewThresholds, "scoreField">): number | null {
  return candidate[scoreField];
}

const hasFailed = ({ model_status }: Candidate) => model_status === "FAILED" || model_status === "SKIPPED";
/** Also true of a SUSPECT view that the policy accepts, with its reason. */
const isSafe = (candidate: Candidate, policy: RoutingPolicy) =>
  candidate.leakage_status === "SAFE" || acceptanceOf(candidate, policy) !== undefined;
const safeWords = (candidate: Candidate, policy: RoutingPolicy) => {
  const accepted = acceptanceOf(candidate, policy);
  return accepted === undefined ? "leakage SAFE" : `leakage SUSPECT, accepted: ${accepted.reason}`;
};
const refusedIf = (isRefused: boolean): Signal | null => (isRefused ? "DISALLOWED" : null);
const reaches = (score: number | null, threshold: number) => score !== null && score >= threshold;

/** The rules of eligibility in their order; the first one that decides is the last one evaluated. */
export const rules: readonly Rule[] = [
  {
    rule: "no_score",
    decide: (candidate, t) => refusedIf(scoreOf(candidate, t) === null || hasFailed(candidate)),
    facts: (candidate, t) => {
      if (hasFailed(candidate))
        return { field: "model_status", value: candidate.model_status, threshold: null, key: null };
      const key = t.policy.use_ci_low ? "use_ci_low" : null;
      return { field: t.scoreField, value: scoreOf(candidate, t), threshold: null, key };
    },
    reason: (candidate, t) =>
      hasFailed(candidate) ? `the models' status is ${candidate.model_status}` : `there is no ${t.scoreField}`,
  },
  {
    rule: "sample_size",
    decide: ({ sample_size }, t) => refusedIf((sample_size ?? 0) < t.sampleSize.value),
    facts: ({ sample_size }, { sampleSize }) => ({
      field: "sample_size",
      value: sample_size,
      threshold: sampleSize.value,
      key: sampleSize.key,
    }),
    reason: ({ sample_size }, { sampleSize }) =>
      `${sample_size ?? "an unknown number of"} usable rows, fewer than ${sampleSize.value}`,
  },
  {
    rule: "leakage_blocked",
    decide: ({ leakage_status }, { policy }) => refusedIf(leakage_status === "BLOCKED" && policy.block_on_leakage),
    facts: ({ leakage_status }, { policy }) => ({
      field: "leakage_status",
      value: leakage_status,
      threshold: policy.block_on_leakage ? "not BLOCKED" : null,
      key: "block_on_leakage",
    }),
    reason: () => "its features give the target away (leakage BLOCKED)",
  },
  {
    rule: "leakage_not_safe",
    decide: (candidate, { policy }) => refusedIf(!isSafe(candidate, policy) && policy.require_safe_features_only),
    facts: (candidate, { policy }) => {
      const accepted = acceptanceOf(candidate, policy);
      const needed = policy.require_safe_features_only ? "SAFE" : null;
      return {
        field: "leakage_status",
        value: candidate.leakage_status,
        threshold: accepted === undefined ? needed : `accepted: ${accepted.reason}`,
        key: accepted === undefined ? "require_safe_features_only" : "accept_suspect",
      };
    },
    reason: ({ leakage_status }) => `leakage is ${leakage_status}, and only SAFE passes`,
  },
  {
    rule: "families",
    decide: ({ successful_model_families }, { policy }) =>
      refusedIf((successful_model_families ?? 0) < policy.require_min_successful_families),
    facts: ({ successful_model_families }, { policy }) => ({
      field: "successful_model_families",
      value: successful_model_families,
      threshold: policy.require_min_successful_families,
      key: "require_min_successful_families",
    }),
    reason: ({ successful_model_families }, { policy }) =>
      `${successful_model_families ?? 0} families of models succeeded, fewer than ${policy.require_min_successful_families}`,
  },
  scoreRule("strong", "STRONG", "strongScore"),
  scoreRule("weak", "WEAK_BUT_OK", "minScore"),
  {
    rule: "experimental",
    decide: (candidate, t) =>
      t.policy.enable_experimental_lane &&
      reaches(scoreOf(candidate, t), t.experimentalScore.value) &&
      t.experimentalStabilities.value.includes(candidate.stability)
        ? "EXPERIMENTAL"
        : null,
    facts: (candidate, t) => ({
      field: t.scoreField,
      value: scoreOf(candidate, t),
      threshold: t.experimentalScore.value,
      key: t.policy.enable_experimental_lane ? t.experimentalScore.key : "enable_experimental_lane",
    }),
    reason: sharedWords((candidate, t) => `no more than an experiment: ${goodEnoughBut(candidate, t)}`, {
      score: scoreOf,
      level: "minScore",
    }),
    unmet: (candidate, t) =>
      t.policy.enable_experimental_lane
        ? unmetIn(candidate, { t, score: t.experimentalScore.value, stabilities: t.experimentalStabilities.value })
        : "the experimental lane is off",
  },
  {
    rule: "none",
    decide: () => "DISALLOWED",
    facts: (candidate, t) => ({
      field: t.scoreField,
      value: scoreOf(candidate, t),
      threshold: t.minScore.value,
      key: t.minScore.key,
    }),
    reason: sharedWords(goodEnoughBut, { score: scoreOf, level: "minScore" }),
  },
];

function scoreRule(rule: string, signal: Signal, level: "strongScore" | "minScore"): Rule {
  return {
    rule,
    decide: (candidate, t) =>
      reaches(scoreOf(candidate, t), t[level].value) &&
      t.stabilities.value.includes(candidate.stability) &&
      isSafe(candidate, t.policy)
        ? signal
        : null,
    facts: (candidate, t) => ({
      field: t.scoreField,
      value: scoreOf(candidate, t),
      threshold: t[level].value,
      key: t[level].key,
    }),
    reason: sharedWords(
      (candidate, t) =>
        `${t.scoreField} ${compared(scoreOf(candidate, t), "≥", t[level].value)}, ${candidate.stability}, ${safeWords(candidate, t.policy)}`,
      { score: scoreOf, level },
    ),
    unmet: (candidate, t) =>
      unmetIn(candidate, { t, score: t[level].value, stabilities: t.stabilities.value, isSafeOnly: true }),
  };
}

/** What keeps a view from being good enough. */
function goodEnoughBut(candidate: Candidate, t: ViewThresholds): string {
  return unmetIn(candidate, { t, score: t.minScore.value, stabilities: t.stabilities.value, isSafeOnly: true });
}

interface Wanted {
  readonly t: ViewThresholds;
  readonly score: number;
  readonly stabilities: readonly string[];
  readonly isSafeOnly?: boolean;
}

function unmetIn(candidate: Candidate, { t, score: least, stabilities, isSafeOnly = false }: Wanted): string {
  const score = scoreOf(candidate, t);
  const { stability, leakage_status } = candidate;
  const isUnsafe = isSafeOnly && !isSafe(candidate, t.policy);
  const unmet: string[] = [];
  if (!reaches(score, least)) unmet.push(`${t.scoreField} ${compared(score, "<", least)}`);
  if (!stabilities.includes(stability)) {
    const listed = stabilities.length === 0 ? "nothing" : stabilities.join(", ");
    unmet.push(`stability is ${stability}, listed is ${listed}`);
  }
  if (isUnsafe) unmet.push(`leakage is ${leakage_status}`);
  return unmet.join("; ");
}
