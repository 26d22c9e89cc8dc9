import type { Candidate } from "../../../contract/routing/routing-plans.ts";

/** Columns of the candidate table in the order of the file, with DuckDB's type of each. */
export const candidateColumns = {
  target: "VARCHAR",
  symbol: "VARCHAR",
  mode: "VARCHAR",
  score: "DOUBLE",
  score_ci_low: "DOUBLE",
  score_ci_high: "DOUBLE",
  metric_name: "VARCHAR",
  task_type: "VARCHAR",
  stability: "VARCHAR",
  // JSON text: CSV has no structures, and both formats have the same values.
  stability_metrics: "VARCHAR",
  sample_size: "BIGINT",
  effective_sample_size: "DOUBLE",
  leakage_status: "VARCHAR",
  feature_set_id: "VARCHAR",
  successful_model_families: "BIGINT",
  failed_model_families: "BIGINT",
  model_status: "VARCHAR",
  timestamp: "VARCHAR",
  git_commit: "VARCHAR",
  evidence_digest: "VARCHAR",
} as const satisfies Record<keyof Candidate, string>;

export type CandidateColumn = keyof typeof candidateColumns;

// the type of Object.keys can't express that these are all of them.
export const candidateColumnNames = Object.keys(candidateColumns) as readonly CandidateColumn[];

/** Without these a table is useless; every other column may be missing. */
export const requiredColumns = ["target", "score"] as const satisfies readonly CandidateColumn[];

/** A row as it is written: structures as JSON strings. */
export function writtenRow(candidate: Candidate): Readonly<Record<CandidateColumn, string | number | null>> {
  const { stability_metrics: metrics } = candidate;
  return { ...candidate, stability_metrics: metrics === null ? null : metricsText(metrics) };
}

function metricsText(metrics: NonNullable<Candidate["stability_metrics"]>): string {
  const { snapshots, mean_overlap, std_overlap, mean_tau, std_tau } = metrics;
  return JSON.stringify({ snapshots, mean_overlap, std_overlap, mean_tau, std_tau });
}
