import type { GateResult, GateRow } from "../src-core/contract/runs/stage-results.ts";
import type { Mark } from "./labels.ts";
import { shortDigest } from "./names.ts";
import { counted, formatEstimate, formatNumber, formatP } from "./numbers.ts";
import type { Block, GateComparison, GateLine } from "./section.ts";

type GateFacts = Omit<GateResult, "rows" | "verdict" | "reason">;

const marks: Readonly<Record<GateRow["outcome"], Mark>> = {
  pass: "good",
  fail: "bad",
  undecided: "unclear",
  "not measured": "unclear",
  info: "note",
};

/** Titles of the figures of a comparison. */
export const gateColumns = ["candidate", "production", "improvement", "bounds", "p", "adj. p", "MDE"] as const;

/** Shapes the gate row by row: the rule, the figures and the outcome. */
export function gateBlock(rows: readonly GateRow[]): Block {
  const checks = rows.filter((row) => row.role === "validity").map(checkLine);
  const compared = rows.filter((row) => row.role !== "validity");
  // Without production there is nothing to compare, so the line contains the candidate's figure.
  if (compared.every((row) => row.production === null && row.improvement === null)) {
    const alone = compared.map((row) => lineOf(row, `${row.metric} ${figuresOf(row)[0]}, rule: ${row.rule}`));
    return { kind: "gate", lines: [...checks, ...alone], comparisons: [] };
  }
  return { kind: "gate", lines: checks, comparisons: compared.map(comparisonOf) };
}

/** A check without a bound passes or fails, and nothing else is to be said of its rule. */
function checkLine(row: GateRow): GateLine {
  const word = row.rule === "holds" ? { pass: "passed", fail: "failed" }[String(row.outcome)] : undefined;
  if (word === undefined) return lineOf(row, `${row.metric}: ${row.rule}`);
  return { ...lineOf({ ...row, outcome: "pass" }, `${row.metric}: ${word}`), mark: marks[row.outcome] };
}

/** Adds the outcome in words, unless the sign says it. */
function lineOf(row: GateRow, what: string): GateLine {
  const outcome = row.outcome === "pass" ? "" : ` (${row.outcome})`;
  const note = row.note === null ? "" : ` – ${row.note}`;
  return { mark: marks[row.outcome], role: row.role, text: what + outcome + note };
}

function comparisonOf(row: GateRow): GateComparison {
  const { role, metric, rule, outcome } = row;
  return { mark: marks[outcome], role, metric, rule, outcome, figures: figuresOf(row), below: belowRow(row) };
}

function figuresOf(row: GateRow): readonly string[] {
  const improvement = formatEstimate(
    { value: row.improvement, low: row.low, high: row.high },
    { isSigned: true, digits: 3 },
  );
  const least = { value: row.minimumDetectable ?? null, low: null, high: null };
  const mde = row.minimumDetectable == null ? "–" : formatEstimate(least, { digits: 3 }).value;
  const [bounds, p, adjusted] = [improvement.interval || "–", formatP(row.p), formatP(row.adjustedP)];
  return [...formatPair(row.candidate, row.production), improvement.value, bounds, p, adjusted, mde];
}

/** Gives two compared figures the same decimals. */
function formatPair(candidate: number | null, production: number | null): readonly [string, string] {
  const scale = { low: candidate, high: production };
  return [
    candidate === null ? "–" : formatEstimate({ value: candidate, ...scale }).value,
    production === null ? "–" : formatEstimate({ value: production, ...scale }).value,
  ];
}

/** Renders the figures of a comparison in one sentence. */
export function figuresSentence([
  candidate,
  production,
  improvement,
  bounds,
  p,
  adjusted,
  mde,
]: readonly string[]): string {
  return `candidate ${candidate}, production ${production}, improvement ${improvement} ${bounds}, p ${p}, adjusted p ${adjusted}, MDE ${mde}`;
}

/** Renders the note of a row, and how many more rows an undecided one needs. */
function belowRow({ note, outcome, extraUnitsNeeded }: GateRow): string | null {
  const lacks =
    outcome === "undecided" && extraUnitsNeeded != null && extraUnitsNeeded > 0
      ? `an effect of this size needs about ${counted(extraUnitsNeeded, "more row")}`
      : null;
  const parts = [note, lacks].filter((it) => it !== null);
  return parts.length === 0 ? null : parts.join("; ");
}

/** Describes how the gate decided: rule, level, replicates, rows, resampled groups, and the digest of the frozen gate. */
export function gateMethod(gate: GateFacts): string {
  const units =
    gate.clusters === null
      ? counted(gate.n, "row")
      : `${counted(gate.n, "row")} in ${counted(gate.clusters, "cluster")} of ${gate.clusterBy.join(", ")}`;
  const how =
    gate.rule === "bootstrap"
      ? `paired bootstrap, ${counted(gate.replicates, "replicate")}, seed ${gate.seed}, alpha ${formatNumber(gate.alpha)}`
      : "point rule: point estimates, without a significance test";
  const power = [
    gate.minimumDetectable === null
      ? undefined
      : "MDE: the smallest improvement beyond the bound that a comparison could have detected (80 % power).",
    gate.extraUnitsNeeded === null || gate.extraUnitsNeeded <= 0
      ? undefined
      : `${counted(Math.ceil(gate.extraUnitsNeeded), "more row")}${gate.clusters === null ? "" : ", of further groups,"} would be needed to decide.`,
  ];
  const about =
    gate.positiveClass === undefined ? [] : [`The class whose probability is measured is ${gate.positiveClass}.`];
  return [
    `${how}; ${units}; improvement above 0 is better; gate ${shortDigest(gate.gateHash)}, frozen before scoring.`,
    ...about,
    ...power.filter((it) => it !== undefined),
  ].join(" ");
}
