import type { Task } from "../../../contract/configs/project-config.ts";
import type { PromotionConfig } from "../../../contract/configs/promotion-config.ts";
import type { MetricName } from "../../../contract/evaluation/metrics.ts";
import type { GateResult, GateRow } from "../../../contract/runs/stage-results.ts";
import { unknownNote } from "../../../foundation/compute/class-notes.ts";
import { holmAdjusted, holmLevels } from "../../../foundation/compute/proportions.ts";
import { prepareJob } from "../../../foundation/compute/replicates.ts";
import {
  type AnsweredCheck,
  answerCheck,
  type GateEvidence,
  type PairReplicates,
  type Replicates,
  type ValidityFinding,
  withPower,
} from "./gate-checks.ts";
import type { JoinedRows } from "./gate-evidence.ts";
import { gateHashOf } from "./gate-hash.ts";
import { gateMetric } from "./gate-metric.ts";
import { type GateCheck, gateChecks } from "./gate-rules.ts";
import { validateGate } from "./gate-validation.ts";
import { lockOf, verdictOf } from "./gate-verdict.ts";

export interface GateQuestion {
  readonly config: PromotionConfig;
  readonly task: Task;
  /** The optional tests that the split schema can make; one without rows is "not measured". */
  readonly testNames: readonly string[];
  /** Columns whose values are the clusters of the evidence; empty if there are none. */
  readonly clusterBy: readonly string[];
  readonly evidence: GateEvidence;
}

const inThisThread: Replicates = async (job) => prepareJob(job)(0, job.replicates);

/**
 * Applies the gate to evidence. Equal inputs give the same result bit for bit, however `replicates` computes.
 * @throws promotion/invalid-gate
 */
export async function evaluateGate(question: GateQuestion, replicates: Replicates = inThisThread): Promise<GateResult> {
  const { config, evidence, clusterBy } = question;
  validateGate(question);
  const testNames = ["reference", ...question.testNames.filter((name) => name !== "reference")];
  const checks = gateChecks(config);
  const sets = [...new Set(checks.flatMap((check) => setOf(check, testNames)))];
  const validity = [...evidence.validity.map(findingRow), ...sets.flatMap((set) => rowsValidity(set, question))];
  const pairs = await pairReplicates({ question, checks, testNames }, replicates);
  const answered = adjusted(
    checks.map((check) => answerCheck(check, { config, testNames, evidence }, pairs)),
    config.alpha,
  );
  const { verdict, reason, extraUnitsNeeded } = verdictOf({
    validity,
    checks: answered,
    config,
    hasProduction: evidence.hasProduction,
  });
  const reference = evidence.sets.reference;
  return {
    verdict,
    reason,
    rows: [...validity, ...answered.map(({ row }) => row)].map(withLock),
    rule: config.decision_rule,
    gateHash: gateHashOf(config),
    n: reference?.candidate.target.length ?? 0,
    clusters: reference?.clusters?.count ?? null,
    clusterBy: [...clusterBy],
    alpha: config.alpha,
    replicates: config.replicates,
    seed: config.seed,
    minimumDetectable: answered.find(({ row }) => row.role === "primary")?.row.minimumDetectable ?? null,
    extraUnitsNeeded,
    ...positiveClassOf(question),
  };
}

/** Accuracy and log loss are about both classes; F1, the areas and the calibration are about the positive one. */
function positiveClassOf({ task, evidence }: GateQuestion): Pick<GateResult, "positiveClass"> {
  const name = evidence.sets.reference?.candidate.classNames?.[1];
  return task !== "binary" || name === undefined ? {} : { positiveClass: name };
}

function setOf(check: GateCheck, testNames: readonly string[]): readonly string[] {
  const meaning = gateMetric(check.metric, testNames);
  return meaning?.kind === "rows" ? [meaning.set] : [];
}

/** Makes one job per test, so all compared metrics of a test have the same resamples. */
async function pairReplicates(
  it: { readonly question: GateQuestion; readonly checks: readonly GateCheck[]; readonly testNames: readonly string[] },
  replicates: Replicates,
): Promise<PairReplicates> {
  const { config, evidence } = it.question;
  const pairs = new Map<string, Float64Array>();
  if (config.decision_rule === "point" || !evidence.hasProduction) return pairs;
  const metricsBySet = new Map<string, Set<MetricName>>();
  for (const check of it.checks) {
    const meaning = check.role === "threshold" ? null : gateMetric(check.metric, it.testNames);
    if (meaning?.kind !== "rows") continue;
    metricsBySet.set(meaning.set, (metricsBySet.get(meaning.set) ?? new Set()).add(meaning.metric));
  }
  for (const [set, wanted] of metricsBySet) {
    const rows = evidence.sets[set];
    if (!rows?.production || rows.candidate.target.length === 0) continue;
    const metrics = [...wanted];
    const { seed, replicates: count } = config;
    const job = { sides: [rows.candidate, rows.production], metrics, clusters: rows.clusters, seed, replicates: count };
    const values = await replicates(job);
    for (const [index, metric] of metrics.entries())
      pairs.set(`${set}_${metric}`, pairsOf(values, index, metrics.length));
  }
  return pairs;
}

function pairsOf(values: Float64Array, metric: number, metricCount: number): Float64Array {
  const count = values.length / (metricCount * 2);
  const out = new Float64Array(count * 2);
  for (let r = 0; r < count; r++) {
    const from = (r * metricCount + metric) * 2;
    out.set(values.subarray(from, from + 2), 2 * r);
  }
  return out;
}

/** Applies Holm's adjustment to the guardrails with a p-value. One that passes only without it is undecided, and needs rows for the adjusted level. */
function adjusted(checks: readonly AnsweredCheck[], alpha: number): readonly AnsweredCheck[] {
  const tested = checks.filter(({ row }) => row.role === "guardrail" && row.p !== null);
  const ps = holmAdjusted(tested.map(({ row }) => row.p ?? 1));
  const levels = holmLevels(
    tested.map(({ row }) => row.p ?? 1),
    alpha,
  );
  return checks.map((check) => {
    const index = tested.indexOf(check);
    if (index < 0) return { ...check, row: withPower(check, alpha) };
    const adjustedP = ps[index] ?? 1;
    const outcome = check.row.outcome === "pass" && adjustedP > alpha ? "undecided" : check.row.outcome;
    const row = withPower(check, levels[index] ?? alpha);
    return { ...check, row: { ...row, adjustedP, outcome } };
  });
}

const emptyFigures = {
  candidate: null,
  production: null,
  improvement: null,
  low: null,
  high: null,
  p: null,
  adjustedP: null,
};

function withLock(row: GateRow): GateRow {
  const locks = lockOf(row);
  return locks === null ? row : { ...row, locks };
}

function validityRow(
  name: string,
  {
    isOk,
    ...it
  }: { readonly isOk: boolean } & Pick<GateRow, "rule" | "note" | "missingShare" | "isProductionRescored">,
): GateRow {
  return { role: "validity", metric: name, ...emptyFigures, outcome: isOk ? "pass" : "fail", ...it };
}

function findingRow({ name, ...finding }: ValidityFinding): GateRow {
  return validityRow(name, { rule: "holds", ...finding });
}

/** Checks whether a test has the same rows on both sides, except for the share of missing ones that the gate allows. */
function rowsValidity(set: string, { config, evidence }: GateQuestion): readonly GateRow[] {
  const rows = evidence.sets[set];
  // For a test without rows, each of its metrics is "not measured".
  if (!rows) return [];
  const missing = rows.onlyCandidate + rows.onlyProduction + rows.withoutPrediction;
  const missingShare = config.max_missing_basis_points / 10_000;
  const limit = missingShare * rows.rowsAsked;
  return [
    validityRow(`${set} rows`, {
      rule: `the same on both sides, at most ${config.max_missing_basis_points / 100} % missing`,
      isOk: rows.rowsAsked > 0 && missing <= limit && rows.targetMismatches === 0,
      note: rowsNote(rows, missing),
      missingShare,
    }),
  ];
}

/** The rows of classes that a side's training never met. They are compared, as errors of that side. */
function unknownNotes({ candidate, production }: JoinedRows): readonly string[] {
  const sides = { candidate, production };
  return Object.entries(sides).flatMap(([side, rows]) => {
    const note = rows === null ? null : unknownNote(rows);
    return note === null ? [] : [`${side}: ${note}`];
  });
}

function rowsNote(rows: JoinedRows, missing: number): string {
  if (rows.rowsAsked === 0) return "there are no rows";
  const parts = [
    `${rows.candidate.target.length} of ${rows.rowsAsked} compared`,
    ...(missing === 0
      ? []
      : [
          `${rows.onlyCandidate} only the candidate's, ${rows.onlyProduction} only production's, ${rows.withoutPrediction} without a prediction`,
        ]),
    ...unknownNotes(rows),
    ...(rows.targetMismatches === 0 ? [] : [`${rows.targetMismatches} with another target on the other side`]),
  ];
  return parts.join("; ");
}
