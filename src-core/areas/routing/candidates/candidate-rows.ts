import { counted } from "../../../../src-view/numbers.ts";
import {
  type Candidate,
  candidateSchema,
  leakageSchema,
  modelStatusSchema,
  modeSchema,
  stabilitySchema,
} from "../../../contract/routing/routing-plans.ts";
import { unquoted, viewName } from "../../../contract/routing/view-name.ts";
import { candidateColumnNames } from "./candidate-columns.ts";
import { CandidateValues } from "./candidate-values.ts";
import { viewKey } from "./view-key.ts";

/** A row that can't be used, with everything that is wrong with it. */
export interface BadCandidate {
  /** "late/UA", "late/CS"; "row 7" if the row names no target. */
  readonly key: string;
  readonly problems: readonly string[];
}

export interface CandidateRows {
  readonly candidates: readonly Candidate[];
  readonly bad: readonly BadCandidate[];
  /** Columns of the table that a candidate doesn't have; they are ignored. */
  readonly unknownColumns: readonly string[];
}

export interface RawCandidates {
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** True for a CSV file, whose fields are all strings: an empty one is a missing value. */
  readonly isCsv?: boolean;
  /** The task of a target, for a table that has neither task nor metric. */
  readonly taskOf?: ((target: string) => Candidate["task_type"] | undefined) | undefined;
}

/** Candidates from the raw rows of a table. A bad row is reported with its reasons; the others are used. */
export function candidateRows(raw: RawCandidates): CandidateRows {
  const read = raw.rows.map((row, at) => readRow(row, at, raw));
  const byKey = new Map<string, number>();
  for (const { identity } of read) byKey.set(identity, (byKey.get(identity) ?? 0) + 1);
  const candidates: Candidate[] = [];
  const bad = new Map<string, BadCandidate>();
  for (const { candidate, key, identity, problems } of read) {
    const times = byKey.get(identity) ?? 1;
    // It is unknown which of two rows is right, so neither is used.
    const all = times > 1 ? [...problems, `the row occurs ${counted(times, "time")}`] : problems;
    if (candidate !== null && all.length === 0) candidates.push(candidate);
    else bad.set(identity, { key, problems: [...new Set([...(bad.get(identity)?.problems ?? []), ...all])] });
  }
  const known: readonly string[] = candidateColumnNames;
  return { candidates, bad: [...bad.values()], unknownColumns: raw.columns.filter((one) => !known.includes(one)) };
}

interface ReadRow {
  readonly candidate: Candidate | null;
  readonly key: string;
  readonly identity: string;
  readonly problems: readonly string[];
}

function readRow(row: Readonly<Record<string, unknown>>, at: number, raw: RawCandidates): ReadRow {
  const values = new CandidateValues(row);
  const target = values.text("target");
  const symbol = symbolIn(values, raw);
  const key = target === null ? `row ${at + 1}` : `${target}/${viewName(symbol)}`;
  const identity = target === null ? `row ${at}` : viewKey(target, symbol);
  if (target === null)
    return { candidate: null, key, identity, problems: ["the row names no target", ...values.problems] };
  const task = taskIn(values, target, raw);
  const status = values.oneOf("model_status", modelStatusSchema.options) ?? "UNKNOWN";
  const candidate: Candidate = {
    target,
    symbol,
    mode: modeIn(values, symbol),
    score: values.number("score"),
    score_ci_low: values.number("score_ci_low"),
    score_ci_high: values.number("score_ci_high"),
    metric_name: task === "classification" ? "roc_auc" : "r2",
    task_type: task,
    stability: values.oneOf("stability", stabilitySchema.options) ?? "NOT_MEASURED",
    stability_metrics: values.metrics("stability_metrics"),
    sample_size: values.whole("sample_size"),
    effective_sample_size: values.number("effective_sample_size"),
    leakage_status: values.oneOf("leakage_status", leakageSchema.options) ?? "NOT_MEASURED",
    feature_set_id: values.text("feature_set_id"),
    successful_model_families: raw.columns.includes("successful_model_families")
      ? values.whole("successful_model_families")
      : status === "OK"
        ? 1
        : null,
    failed_model_families: values.whole("failed_model_families"),
    model_status: status,
    timestamp: values.text("timestamp"),
    git_commit: values.text("git_commit"),
    evidence_digest: values.text("evidence_digest"),
  };
  return { candidate, key, identity, problems: [...values.problems, ...contradictions(candidate)] };
}

/**
 * The segment of a row; null for the pooled view. CSV has no empty string but in `segmentText`'s quotes. Where a string may be empty, an
 * empty one is a segment only if the mode says so: other programs write it for a missing value.
 */
function symbolIn(values: CandidateValues, { isCsv }: RawCandidates): string | null {
  if (isCsv === true) {
    const text = values.text("symbol");
    return text === null ? null : unquoted(text);
  }
  if (!values.isEmpty("symbol")) return values.text("symbol");
  if (values.isEmpty("mode") || values.is("mode", null))
    values.problems.push(
      "symbol is empty, and no mode says whether that is a segment: make it null for the pooled view",
    );
  return values.is("mode", "SYMBOL_SPECIFIC") ? "" : null;
}

function modeIn(values: CandidateValues, symbol: string | null): Candidate["mode"] {
  const follows = symbol === null ? "CROSS_SECTIONAL" : "SYMBOL_SPECIFIC";
  const mode = values.oneOf("mode", modeSchema.options);
  if (mode !== null && mode !== follows)
    values.problems.push(
      symbol === null ? `mode is ${mode}, but there is no symbol` : `mode is ${mode}, but it has a symbol`,
    );
  return follows;
}

function taskIn(values: CandidateValues, target: string, { taskOf }: RawCandidates): Candidate["task_type"] {
  const { task_type: tasks, metric_name: metrics } = candidateSchema.shape;
  const task = values.oneOf("task_type", tasks.options);
  const metric = values.oneOf("metric_name", metrics.options);
  const measured = metric === null ? null : metric === "roc_auc" ? "classification" : "regression";
  if (task !== null && measured !== null && task !== measured)
    values.problems.push(`metric_name is ${metric}, which isn't a metric for ${task}`);
  const known = task ?? measured ?? taskOf?.(target);
  if (known !== undefined) return known;
  values.problems.push("neither task_type nor metric_name is given, and the project has no such target");
  return "classification";
}

function contradictions({
  metric_name,
  score,
  score_ci_low: low,
  score_ci_high: high,
  effective_sample_size: size,
}: Candidate): readonly string[] {
  const problems: string[] = [];
  if (score !== null && (score > 1 || (metric_name === "roc_auc" && score < 0)))
    problems.push(`score is ${score}; ${metric_name} is ${metric_name === "roc_auc" ? "from 0 to 1" : "at most 1"}`);
  if (low !== null && high !== null && low > high) problems.push(`score_ci_low ${low} is above score_ci_high ${high}`);
  if (size !== null && size < 0) problems.push(`effective_sample_size is ${size}; expected at least 0`);
  return problems;
}
