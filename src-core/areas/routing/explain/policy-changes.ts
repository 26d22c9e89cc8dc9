import { bothStrongSchema } from "../../../contract/configs/routing-config.ts";
import { type Candidate, stabilitySchema } from "../../../contract/routing/routing-plans.ts";
import { viewName } from "../../../contract/routing/view-name.ts";
import { scoreOf } from "../decide/eligibility-rules.ts";
import type { TargetDecision } from "../decide/route.ts";
import { acceptanceOf } from "../policy/policy.ts";
import { type PolicyValue, valueAt, withValue } from "../policy/policy-keys.ts";
import { completedStabilities } from "../policy/policy-rules.ts";
import { experimentsIn } from "./experiments.ts";
import { above, atLeast, atMost, below } from "./nearby-values.ts";
import { type Attempt, type JudgedView, type Situation, viewsIn } from "./situation.ts";

const switches = ["use_ci_low", "block_on_leakage", "require_safe_features_only", "enable_experimental_lane"] as const;

interface Move {
  readonly key: string;
  readonly value: PolicyValue;
}

/** Policies with one value changed: thresholds moved to the evidence's values and past them, lists by a class, switches. */
export function policyChanges(situation: Situation, decision: TargetDecision): readonly Attempt[] {
  const { policy } = situation;
  const attempt = (kind: Attempt["kind"], { key, value }: Move): Attempt => ({
    kind,
    key,
    // A key of the policy holds one of a policy's values.
    from: valueAt(policy, key) as PolicyValue,
    value,
    situation: { ...situation, policy: withValue(policy, key, value) },
  });
  const thresholds = viewsIn(situation).flatMap((view) => [
    ...scoreThresholds(view),
    ...countThresholds(view),
    ...[view.t.stabilities, view.t.experimentalStabilities].flatMap(({ key, value }) => neighbouringLists(key, value)),
    ...stabilityLimits(view.candidate),
  ]);
  return [
    ...[...thresholds, ...capFractions(situation, decision)].map((move) => attempt("threshold", move)),
    ...switches.map((key) => attempt("switch", { key, value: !policy[key] })),
    ...bothStrongSchema.options.map((value) => attempt("switch", { key: "both_strong_behavior", value })),
    ...viewsIn(situation).flatMap((view) => acceptances(view, situation)),
  ].filter(({ from, value }) => JSON.stringify(from) !== JSON.stringify(value));
}

/** A SUSPECT view accepted, for a reason that only the user can give. */
function acceptances({ candidate }: JudgedView, situation: Situation): readonly Attempt[] {
  const { policy } = situation;
  if (candidate.leakage_status !== "SUSPECT" || acceptanceOf(candidate, policy) !== undefined) return [];
  const { target, symbol } = candidate;
  const added = { target, ...(symbol === null ? {} : { segment: symbol }), reason: "known to the user" };
  return [
    {
      ...{ kind: "switch", key: "accept_suspect", from: null, value: `${target}/${viewName(symbol)}` },
      situation: { ...situation, policy: { ...policy, accept_suspect: [...policy.accept_suspect, added] } },
    },
  ];
}

/** Lowers it to the score, or raises it just above. */
function scoreThresholds({ candidate, t }: JudgedView): readonly Move[] {
  const score = scoreOf(candidate, t);
  if (score === null) return [];
  return [t.minScore, t.strongScore, t.experimentalScore].flatMap(({ key }) =>
    [atMost(score), above(score)].map((value) => ({ key, value })),
  );
}

function countThresholds({ candidate, t }: JudgedView): readonly Move[] {
  const rows = candidate.sample_size ?? 0;
  const families = candidate.successful_model_families ?? 0;
  return [0, 1].flatMap((more) => [
    { key: t.sampleSize.key, value: rows + more },
    { key: "require_min_successful_families", value: families + more },
  ]);
}

/** The list extended down to each class, and without each. */
function neighbouringLists(key: string, list: readonly string[]): readonly Move[] {
  const classes = stabilitySchema.options;
  return [
    ...classes.map((one) => completedStabilities(classes.filter((other) => list.includes(other) || other === one))),
    ...classes.map((one) => classes.filter((other) => list.includes(other) && other !== one)),
  ].map((value) => ({ key, value }));
}

/** The limits of the stability classes at the view's own figures, and past them. */
function stabilityLimits({ stability_metrics: metrics }: Candidate): readonly Move[] {
  if (metrics === null) return [];
  const moves = (names: readonly string[], values: readonly number[]) =>
    names.flatMap((name) => values.map((value) => ({ key: `stability_classification.${name}`, value })));
  const leasts = (figure: number | null) => (figure === null ? [] : [atMost(figure), above(figure)]);
  const mosts = (figure: number | null) => (figure === null ? [] : [atLeast(figure), below(figure)]);
  return [
    ...moves(["stable_overlap_min", "drifting_overlap_min"], leasts(metrics.mean_overlap)),
    ...moves(["stable_tau_min", "drifting_tau_min"], leasts(metrics.mean_tau)),
    ...moves(["max_std_overlap"], mosts(metrics.std_overlap)),
    ...moves(["max_std_tau"], mosts(metrics.std_tau)),
    ...moves(["min_snapshots"], [metrics.snapshots, metrics.snapshots + 1]),
  ];
}

/** The share with which the segment is the last experiment with a place, or the first without one. */
function capFractions({ symbol, symbols, policy }: Situation, decision: TargetDecision): readonly Move[] {
  const rank = experimentsIn(decision, policy).findIndex((one) => one.symbol === symbol);
  if (rank < 0) return [];
  const share = (rank + 1) / symbols.length;
  return [atLeast(share), below(share)].map((value) => ({
    key: "experimental.max_fraction_symbols_per_target",
    value,
  }));
}
