import {
  type Candidate,
  leakageSchema,
  modelStatusSchema,
  type StabilityMetrics,
  stabilitySchema,
} from "../../../contract/routing/routing-plans.ts";
import type { TargetRows } from "../candidates/candidate-index.ts";
import { sourceOf } from "../decide/eligibility.ts";
import { scoreOf } from "../decide/eligibility-rules.ts";
import { experimentLimit } from "../decide/experimental-cap.ts";
import type { TargetDecision } from "../decide/route.ts";
import type { RoutingPolicy } from "../policy/policy.ts";
import { experimentsIn } from "./experiments.ts";
import { above, below } from "./nearby-values.ts";
import { type Attempt, type ChangedValue, type JudgedView, type Situation, viewsIn } from "./situation.ts";

interface Move {
  /** Column of the candidate table, with the figure inside it if it holds several. */
  readonly field: string;
  readonly from: ChangedValue;
  readonly value: ChangedValue;
  readonly candidate: Candidate;
}

/** Candidate tables with one figure of one of the views changed: to the thresholds it is compared with, and past them. */
export function evidenceChanges(situation: Situation, decision: TargetDecision): readonly Attempt[] {
  return viewsIn(situation).flatMap((view) =>
    [
      ...scoreMoves(view, rivalScores(view, situation, decision)),
      ...countMoves(view),
      ...classMoves(view.candidate),
      ...stabilityMoves(view.candidate, situation.policy),
    ]
      .filter(({ from, value }) => from !== value)
      .map(({ field, from, value, candidate }) => ({
        kind: "evidence" as const,
        key: `${sourceOf(candidate)}#${field}`,
        from,
        value,
        situation: { ...situation, rows: withRow(situation, candidate) },
      })),
  );
}

function withRow({ rows, symbols }: Situation, candidate: Candidate): TargetRows {
  if (candidate.symbol === null) return { ...rows, crossSectional: candidate };
  return { ...rows, segments: rows.segments.with(symbols.indexOf(candidate.symbol), candidate) };
}

function scoreMoves({ candidate, t }: JudgedView, rivals: readonly number[]): readonly Move[] {
  const levels = [t.minScore.value, t.strongScore.value, t.experimentalScore.value];
  const values = [...levels.flatMap((level) => [level, below(level)]), ...rivals].filter(
    (value) => value <= 1 && (candidate.metric_name === "r2" || value >= 0),
  );
  const from = scoreOf(candidate, t);
  return values.map((value) => ({
    field: t.scoreField,
    from,
    value,
    candidate: { ...candidate, [t.scoreField]: value },
  }));
}

/** Scores at which the segment gains or loses the last place among its target's experiments. */
function rivalScores(
  { candidate }: JudgedView,
  { policy, symbols }: Situation,
  decision: TargetDecision,
): readonly number[] {
  if (candidate.symbol === null) return [];
  const limit = experimentLimit(policy.experimental.max_fraction_symbols_per_target, symbols.length);
  const rivals = experimentsIn(decision, policy).filter(({ symbol }) => symbol !== candidate.symbol);
  const score = rivals[limit - 1]?.score ?? null;
  return score === null ? [] : [score, above(score), below(score)];
}

function countMoves({ candidate, t }: JudgedView): readonly Move[] {
  const move = (field: "sample_size" | "successful_model_families", least: number) =>
    [least, Math.max(0, least - 1)].map((value) => ({
      field,
      from: candidate[field],
      value,
      candidate: { ...candidate, [field]: value },
    }));
  return [
    ...move("sample_size", t.sampleSize.value),
    ...move("successful_model_families", t.policy.require_min_successful_families),
  ];
}

function classMoves(candidate: Candidate): readonly Move[] {
  const moves = <T extends string>(field: keyof Candidate & string, from: T, values: readonly T[]) =>
    values.map((value) => ({ field, from, value, candidate: { ...candidate, [field]: value } }));
  return [
    ...moves("leakage_status", candidate.leakage_status, leakageSchema.options),
    ...moves("model_status", candidate.model_status, modelStatusSchema.options),
    // If there are metrics, the class follows from them: changing the word alone would change nothing.
    ...(candidate.stability_metrics === null ? moves("stability", candidate.stability, stabilitySchema.options) : []),
  ];
}

function stabilityMoves(candidate: Candidate, { stability_classification: limits }: RoutingPolicy): readonly Move[] {
  const metrics = candidate.stability_metrics;
  if (metrics === null) return [];
  const moves = (figure: keyof StabilityMetrics, values: readonly number[]) =>
    values
      .filter((value) => figure === "snapshots" || isPossible(figure, value))
      .map((value) => ({
        field: `stability_metrics.${figure}`,
        from: metrics[figure],
        value,
        candidate: { ...candidate, stability_metrics: { ...metrics, [figure]: value } },
      }));
  const around = (limit: number) => [limit, below(limit)];
  return [
    ...moves("snapshots", [limits.min_snapshots, limits.min_snapshots - 1]),
    ...moves("mean_overlap", [...around(limits.stable_overlap_min), ...around(limits.drifting_overlap_min)]),
    ...moves("mean_tau", [...around(limits.stable_tau_min), ...around(limits.drifting_tau_min)]),
    ...moves("std_overlap", [limits.max_std_overlap, above(limits.max_std_overlap)]),
    ...moves("std_tau", [limits.max_std_tau, above(limits.max_std_tau)]),
  ];
}

/** Overlaps and deviations are shares; a correlation has a sign. */
function isPossible(figure: keyof StabilityMetrics, value: number): boolean {
  return value <= 1 && value >= (figure === "mean_tau" ? -1 : 0);
}
