import { type Stability, stabilitySchema } from "../../../contract/routing/routing-plans.ts";
import type { RoutingPolicy, ViewName } from "./policy.ts";

/** What no schema can express about a policy: how its values relate to each other. */
export interface PolicyProblem {
  /** Keys to the value in the policy. */
  readonly path: readonly string[];
  /** A clause without a full stop. */
  readonly message: string;
  readonly hint: string;
}

const views = ["cross_sectional", "symbol"] as const satisfies readonly ViewName[];

/** From best to worst. NOT_MEASURED isn't among them: it passes only if it is listed. */
const ranked = ["STABLE", "DRIFTING", "UNKNOWN", "DIVERGED"] as const satisfies readonly Stability[];

/** The list with every class above its lowest, so that a better stability never fares worse. */
export function completedStabilities(list: readonly Stability[]): readonly Stability[] {
  const lowest = ranked.findLastIndex((one) => list.includes(one));
  return stabilitySchema.options.filter(
    (one) => list.includes(one) || ranked.slice(0, lowest + 1).some((r) => r === one),
  );
}

/** Everything by which a policy contradicts itself. Pure. */
export function policyProblems(policy: RoutingPolicy): readonly PolicyProblem[] {
  return [
    ...views.flatMap((view) => thresholdProblems(policy, view)),
    ...views.flatMap((view) => listProblems(["stability_allowlist", view], policy.stability_allowlist[view])),
    ...listProblems(["experimental", "allowed_stabilities"], policy.experimental.allowed_stabilities),
    ...classificationProblems(policy.stability_classification),
  ];
}

function thresholdProblems(policy: RoutingPolicy, view: ViewName): readonly PolicyProblem[] {
  const { classification, regression } = policy[view];
  const pairs = [
    { path: [view, "classification"], pair: classification },
    ...Object.entries(regression).map(([tier, pair]) => ({ path: [view, "regression", tier], pair })),
  ];
  return pairs
    .filter(({ pair }) => pair.strong_score < pair.min_score)
    .map(({ path, pair }) => ({
      path: [...path, "strong_score"],
      message: `\`${path.join(".")}\`: strong_score ${pair.strong_score} is below min_score ${pair.min_score}`,
      hint: "A strong score must be at least the minimum: raise strong_score or lower min_score.",
    }));
}

function listProblems(path: readonly string[], list: readonly Stability[]): readonly PolicyProblem[] {
  const completed = completedStabilities(list);
  const missing = completed.filter((one) => !list.includes(one));
  if (missing.length === 0) return [];
  const lowest = ranked.findLast((one) => list.includes(one));
  return [
    {
      path,
      message: `\`${path.join(".")}\` holds ${lowest} but not ${missing.join(", ")}, which ${missing.length === 1 ? "is" : "are"} better`,
      hint: `Write [${completed.join(", ")}].`,
    },
  ];
}

function classificationProblems(rules: RoutingPolicy["stability_classification"]): readonly PolicyProblem[] {
  return (["overlap", "tau"] as const)
    .filter((figure) => rules[`stable_${figure}_min`] < rules[`drifting_${figure}_min`])
    .map((figure) => ({
      path: ["stability_classification", `stable_${figure}_min`],
      message: `stable_${figure}_min ${rules[`stable_${figure}_min`]} is below drifting_${figure}_min ${rules[`drifting_${figure}_min`]}`,
      hint: "STABLE requires at least as much as DRIFTING: raise the first or lower the second.",
    }));
}
