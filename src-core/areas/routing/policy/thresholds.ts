import type { Candidate, Stability } from "../../../contract/routing/routing-plans.ts";
import type { HorizonTier, RoutingPolicy, ViewName } from "./policy.ts";

/** A threshold and its key in the policy. */
export interface Threshold<T> {
  readonly value: T;
  readonly key: string;
}

/** Everything that one view of one target is checked against. */
export interface ViewThresholds {
  readonly view: ViewName;
  readonly policy: RoutingPolicy;
  /** The figure of the candidate that counts as its score. */
  readonly scoreField: "score" | "score_ci_low";
  readonly sampleSize: Threshold<number>;
  readonly minScore: Threshold<number>;
  readonly strongScore: Threshold<number>;
  readonly stabilities: Threshold<readonly Stability[]>;
  readonly experimentalScore: Threshold<number>;
  readonly experimentalStabilities: Threshold<readonly Stability[]>;
}

export type ThresholdsOf = (candidate: Candidate, tier: HorizonTier) => ViewThresholds;

/** Looks thresholds up by view, task and horizon; each combination is built once, because a table may have a million rows. */
export function thresholdsOf(policy: RoutingPolicy): ThresholdsOf {
  const ofView = (view: ViewName) => {
    const made: Partial<Record<HorizonTier | "classification", ViewThresholds>> = {};
    return (task: Candidate["task_type"], tier: HorizonTier): ViewThresholds => {
      const scores = task === "classification" ? task : tier;
      made[scores] ??= viewThresholds(policy, { view, task, tier });
      return made[scores];
    };
  };
  const [pooled, own] = [ofView("cross_sectional"), ofView("symbol")];
  return ({ mode, task_type }, tier) => (mode === "CROSS_SECTIONAL" ? pooled : own)(task_type, tier);
}

function viewThresholds(
  policy: RoutingPolicy,
  { view, task, tier }: { readonly view: ViewName; readonly task: Candidate["task_type"]; readonly tier: HorizonTier },
): ViewThresholds {
  const isClassification = task === "classification";
  const pair = isClassification ? policy[view].classification : policy[view].regression[tier];
  const place = isClassification ? `${view}.classification` : `${view}.regression.${tier}`;
  return {
    view,
    policy,
    scoreField: policy.use_ci_low ? "score_ci_low" : "score",
    sampleSize: { value: policy.min_sample_size[view], key: `min_sample_size.${view}` },
    minScore: { value: pair.min_score, key: `${place}.min_score` },
    strongScore: { value: pair.strong_score, key: `${place}.strong_score` },
    stabilities: { value: policy.stability_allowlist[view], key: `stability_allowlist.${view}` },
    experimentalScore: { value: policy.experimental[task].min_score, key: `experimental.${task}.min_score` },
    experimentalStabilities: {
      value: policy.experimental.allowed_stabilities,
      key: "experimental.allowed_stabilities",
    },
  };
}
