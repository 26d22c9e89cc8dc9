import { counted, formatCount } from "../../../../src-view/numbers.ts";
import type { PromotionConfig } from "../../../contract/configs/promotion-config.ts";
import type { MetricName } from "../../../contract/evaluation/metrics.ts";
import type { GateRow } from "../../../contract/runs/stage-results.ts";
import { predictedClasses } from "../../../foundation/compute/class-metrics.ts";
import { extraUnits, minimumDetectable } from "../../../foundation/compute/difference.ts";
import { measure } from "../../../foundation/compute/measure.ts";
import { mcNemar } from "../../../foundation/compute/proportions.ts";
import type { ReplicateJob, ReplicateValues } from "../../../foundation/compute/replicates.ts";
import { type Comparison, clearance, clears, compare, type PairFigure } from "./gate-comparison.ts";
import type { JoinedRows } from "./gate-evidence.ts";
import { type GateMetric, gateMetric } from "./gate-metric.ts";
import { type GateCheck, keepsThreshold, thresholdWords } from "./gate-rules.ts";

/** Figures without rows, by metric; null if not measured. `note` says how it was measured. */
export type GateFigures = Readonly<
  Record<
    string,
    { readonly candidate: number | null; readonly production: number | null; readonly note?: string | null }
  >
>;

export interface ValidityFinding {
  readonly name: string;
  readonly isOk: boolean;
  readonly note: string;
  /** Set on the row that says on which rows production was scored. */
  readonly isProductionRescored?: boolean;
}

export interface GateEvidence {
  readonly hasProduction: boolean;
  /** Rows by test: "reference" and the optional tests that the gate names. */
  readonly sets: Readonly<Record<string, JoinedRows>>;
  readonly figures: GateFigures;
  /** Other evidence on whether the comparison is fair: leakage, a changed reference. */
  readonly validity: readonly ValidityFinding[];
}

/** Computes the paired replicates of a test: `replicates` of a pool, or `prepareJob` in the calling thread. */
export type Replicates = (job: ReplicateJob) => Promise<ReplicateValues>;

export interface CheckContext {
  readonly config: PromotionConfig;
  readonly testNames: readonly string[];
  readonly evidence: GateEvidence;
}

/** A row of the gate with what else the verdict needs. */
export interface AnsweredCheck {
  readonly row: GateRow;
  readonly isTie: boolean;
  /** Rows missing to reach min_units or min_clusters. */
  readonly missingUnits: number;
  /** Inputs of the comparison's power; null if the power isn't defined. */
  readonly power: ComparisonPower | null;
}

interface ComparisonPower {
  readonly standardError: number;
  /** How far the observed figures clear the bound. */
  readonly effect: number;
  readonly units: number;
}

/** Adds the smallest effect that the row could have detected, and the rows that it needs, at this one-sided level. */
export function withPower({ row, power }: Pick<AnsweredCheck, "row" | "power">, alpha: number): GateRow {
  if (power === null) return row;
  return {
    ...row,
    minimumDetectable: minimumDetectable({ ...power, alpha }),
    extraUnitsNeeded: extraUnits({ ...power, alpha }),
  };
}

/** Pairs of each metric of each test, computed once per test and shared by its checks. */
export type PairReplicates = ReadonlyMap<string, ReplicateValues>;

export function answerCheck(check: GateCheck, context: CheckContext, replicates: PairReplicates): AnsweredCheck {
  const meaning = gateMetric(check.metric, context.testNames);
  const pair =
    meaning === null
      ? { candidate: null, production: null, reason: "unknown", note: null }
      : figuresOf(check.metric, meaning, context.evidence);
  const base = baseRow(check, meaning, pair);
  if (pair.candidate === null) return plain({ ...base, outcome: "not measured", note: pair.reason });
  if (meaning === null) return plain(base);
  if (check.role === "threshold")
    return plain({
      ...base,
      outcome: keepsThreshold(pair.candidate, check.threshold, meaning.direction) ? "pass" : "fail",
    });
  if (!context.evidence.hasProduction)
    return plain({ ...base, outcome: "info", note: joined(["first model: no production to compare with", base.note]) });
  if (pair.production === null) return plain({ ...base, outcome: "not measured", note: pair.reason });
  const point = { candidate: pair.candidate, production: pair.production };
  const values = replicates.get(check.metric);
  if (meaning.kind === "figure" || values === undefined) return pointComparison(check, base, { meaning, point });
  return intervalComparison(check, base, { meaning, point, values, context });
}

interface Pair {
  readonly candidate: number | null;
  readonly production: number | null;
  /** Why a side is null. */
  readonly reason: string | null;
  /** How the figures were measured, if they don't come from rows; else what to know of their classes. */
  readonly note: string | null;
}

function figuresOf(name: string, meaning: GateMetric, evidence: GateEvidence): Pair {
  const { hasProduction, sets, figures } = evidence;
  if (meaning.kind === "rows" && Object.hasOwn(sets, meaning.set)) {
    const rows = sets[meaning.set] as JoinedRows;
    const candidate = measure(meaning.metric, rows.candidate, rows.clusters);
    const production = rows.production === null ? null : measure(meaning.metric, rows.production, rows.clusters);
    const missing = hasProduction && production === null ? `production has no predictions on ${meaning.set}` : null;
    return {
      candidate: candidate.value,
      production: production?.value ?? null,
      reason: candidate.reason ?? production?.reason ?? missing,
      note: bothNotes(candidate.note, production?.note ?? null, production !== null),
    };
  }
  const figure = Object.hasOwn(figures, name) ? figures[name] : undefined;
  const side = figure?.candidate == null ? "the candidate" : "production";
  return {
    candidate: finite(figure?.candidate),
    production: finite(figure?.production),
    reason: `${side} has no value of ${name}`,
    note: figure?.note ?? null,
  };
}

/** The notes of both sides' figures: once if they are equal, else each with its side. */
function bothNotes(candidate: string | null, production: string | null, isPair: boolean): string | null {
  if (!isPair || candidate === production) return candidate;
  const sides = { candidate, production };
  return joined(Object.entries(sides).map(([side, note]) => (note === null ? null : `${side}: ${note}`)));
}

function joined(notes: readonly (string | null)[]): string | null {
  const some = notes.filter((note) => note !== null);
  return some.length === 0 ? null : some.join("; ");
}

function finite(value: number | null | undefined): number | null {
  return value != null && Number.isFinite(value) ? value : null;
}

function baseRow(check: GateCheck, meaning: GateMetric | null, pair: Pair): GateRow {
  const sign = meaning?.direction === "lower" ? -1 : 1;
  const { candidate, production } = pair;
  return {
    role: check.role,
    metric: check.metric,
    rule: check.role === "threshold" ? thresholdWords(check.threshold, meaning?.direction ?? "higher") : check.rule,
    ...boundOf(check),
    candidate,
    production,
    improvement: candidate === null || production === null ? null : sign * (candidate - production),
    low: null,
    high: null,
    p: null,
    adjustedP: null,
    outcome: "not measured",
    note: pair.note,
  };
}

/** Returns the bound in numbers. Adding 0 removes the sign of a negative zero, which the ledger's JSON wouldn't keep. */
function boundOf(check: GateCheck): Partial<GateRow> {
  if (check.role === "threshold") return { threshold: check.threshold };
  const { absolute, relative, isStrict } = check.bound;
  return { boundAbsolute: absolute + 0, boundRelative: relative + 0, isBoundStrict: isStrict };
}

function plain(row: GateRow): AnsweredCheck {
  return { row, isTie: false, missingUnits: 0, power: null };
}

type ChangeCheck = Exclude<GateCheck, { readonly role: "threshold" }>;

/** Answers a check by the point estimate: for the rule "point", and for figures without rows to resample. */
function pointComparison(
  check: ChangeCheck,
  base: GateRow,
  it: { readonly meaning: GateMetric; readonly point: PairFigure },
): AnsweredCheck {
  const sign = it.meaning.direction === "lower" ? -1 : 1;
  const isCleared = clears(clearance(it.point, sign, check.bound), it.point, check.bound);
  const isTie = it.point.candidate === it.point.production;
  // A primary that isn't better keeps production; only guardrails and thresholds reject.
  const otherwise = check.role === "primary" && isTie ? "undecided" : "fail";
  return {
    ...plain({
      ...base,
      outcome: isCleared ? "pass" : otherwise,
      note: joined([zeroNote(check, it.point), base.note]),
    }),
    isTie,
  };
}

function zeroNote(check: ChangeCheck, point: PairFigure): string | null {
  if (check.bound.relative === 0 || point.production !== 0) return null;
  return check.bound.relative < 0
    ? "production is 0: a share of it allows no regression"
    : "production is 0: any improvement counts, none doesn't";
}

function intervalComparison(
  check: ChangeCheck,
  base: GateRow,
  it: {
    readonly meaning: Extract<GateMetric, { kind: "rows" }>;
    readonly point: PairFigure;
    readonly values: ReplicateValues;
    readonly context: CheckContext;
  },
): AnsweredCheck {
  const { config, evidence } = it.context;
  const rows = evidence.sets[it.meaning.set] as JoinedRows;
  const sign = it.meaning.direction === "lower" ? -1 : 1;
  const compared = compare({ point: it.point, sign, bound: check.bound, alpha: config.alpha, replicates: it.values });
  const exact = exactTest(check, it.meaning.metric, rows);
  const p = exact?.p ?? compared.p;
  const units = rows.candidate.target.length;
  const missingUnits = lackingUnits(rows, config);
  const effect = clearance(it.point, sign, check.bound);
  return {
    row: {
      ...base,
      low: finite(compared.low),
      high: finite(compared.high),
      p,
      outcome: intervalOutcome(check, { compared, p, missingUnits, alpha: config.alpha }),
      note: joined([lackingNote(rows, config) ?? exact?.note ?? zeroNote(check, it.point), base.note]),
    },
    isTie: compared.isTie,
    missingUnits,
    // Without any difference between the rows, neither an error nor a detectable effect is defined.
    power: compared.isTie ? null : { standardError: compared.standardError, effect, units },
  };
}

/**
 * The outcome of a check by its interval. A tie of the primary metric is undecided, which keeps production. A guardrail passes
 * provisionally; Holm's adjustment over all of them follows.
 */
function intervalOutcome(
  check: ChangeCheck,
  it: { readonly compared: Comparison; readonly p: number; readonly missingUnits: number; readonly alpha: number },
): GateRow["outcome"] {
  if (it.missingUnits > 0 || (check.role === "primary" && it.compared.isTie)) return "undecided";
  if (it.compared.isWhollyBad) return "fail";
  return it.p <= it.alpha ? "pass" : "undecided";
}

/** McNemar's test checks whether a model is right on more rows, for superiority in accuracy on independent rows. */
function exactTest(check: ChangeCheck, metric: MetricName, rows: JoinedRows): { p: number; note: string } | null {
  if (metric !== "accuracy" || check.role !== "primary" || !check.bound.isStrict) return null;
  if (rows.clusters !== null || rows.production === null) return null;
  const target = rows.candidate.target;
  const [own, theirs] = [predictedClasses(rows.candidate), predictedClasses(rows.production)];
  let onlyCandidate = 0;
  let onlyProduction = 0;
  for (let i = 0; i < target.length; i++) {
    if (own[i] === target[i] && theirs[i] !== target[i]) onlyCandidate += 1;
    if (own[i] !== target[i] && theirs[i] === target[i]) onlyProduction += 1;
  }
  const { oneSided, twoSided } = mcNemar(onlyCandidate, onlyProduction);
  const counts = `${counted(onlyCandidate, "row")} right only by the candidate, ${formatCount(onlyProduction)} only by production`;
  return { p: oneSided, note: `exact McNemar, one-sided (two-sided p ${Number(twoSided.toPrecision(3))}): ${counts}` };
}

function lackingUnits(rows: JoinedRows, config: PromotionConfig): number {
  const n = rows.candidate.target.length;
  const lackingRows = Math.max(0, config.min_units - n);
  if (rows.clusters === null) return lackingRows;
  const lackingClusters = Math.max(0, config.min_clusters - rows.clusters.count);
  return Math.max(lackingRows, Math.ceil((lackingClusters * n) / Math.max(1, rows.clusters.count)));
}

function lackingNote(rows: JoinedRows, config: PromotionConfig): string | null {
  const n = rows.candidate.target.length;
  if (n < config.min_units) return `${counted(n, "row")}, fewer than the ${config.min_units} of min_units`;
  if (rows.clusters !== null && rows.clusters.count < config.min_clusters)
    return `${counted(rows.clusters.count, "cluster")}, fewer than the ${config.min_clusters} of min_clusters`;
  return null;
}
