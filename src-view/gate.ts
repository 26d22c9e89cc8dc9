import type { GateResult, GateRow } from "../src-core/contract/runs/stage-results.ts";
import type { Mark } from "./labels.ts";
import { shortDigest } from "./names.ts";
import { counted, formatCount, formatEstimate, formatNumber, formatP } from "./numbers.ts";
import type { Block, GateComparison, GateLine } from "./section.ts";

type GateFacts = Omit<GateResult, "rows" | "verdict" | "reason">;

const marks: Readonly<Record<GateRow["outcome"], Mark>> = {
  pass: "good",
  fail: "bad",
  undecided: "unclear",
  "not measured": "unclear",
  info: "note",
};

/** Titles of the figures that a comparison has. */
export const gateColumns = ["candidate", "production", "improvement", "bounds", "p", "adj. p", "MDE"] as const;

/** The gate row by row: what was asked, the figures it was answered with, and how it came out. */
export function gateBlock(rows: readonly GateRow[]): Block {
  const checks = rows.filter((row) => row.role === "validity").map((row) => lineOf(row, `${row.metric}: ${row.rule}`));
  const compared = rows.filter((row) => row.role !== "validity");
  // Without a production there are no pairs: the candidate's figure stands in the line itself.
  if (compared.every((row) => row.production === null && row.improvement === null)) {
    const alone = compared.map((row) => lineOf(row, `${row.metric} ${figuresOf(row)[0]}, rule: ${row.rule}`));
    return { kind: "gate", lines: [...checks, ...alone], comparisons: [] };
  }
  return { kind: "gate", lines: checks, comparisons: compared.map(comparisonOf) };
}

/** The outcome is said in words where the sign alone doesn't. */
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

/** Two figures that are compared have the same decimals. */
function formatPair(candidate: number | null, production: number | null): readonly [string, string] {
  const scale = { low: candidate, high: production };
  return [
    candidate === null ? "–" : formatEstimate({ value: candidate, ...scale }).value,
    production === null ? "–" : formatEstimate({ value: production, ...scale }).value,
  ];
}

/** A comparison's figures in one sentence. */
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

/** The row's note, and for one that is undecided how many rows it lacks. */
function belowRow({ note, outcome, extraUnitsNeeded }: GateRow): string | null {
  const lacks =
    outcome === "undecided" && extraUnitsNeeded != null && extraUnitsNeeded > 0
      ? `an effect of this size needs about ${counted(extraUnitsNeeded, "more row")}`
      : null;
  const parts = [note, lacks].filter((it) => it !== null);
  return parts.length === 0 ? null : parts.join("; ");
}

/** How the gate was asked: rule, level, replicates, rows, resampled groups and the frozen gate's digest. */
export function gateMethod(gate: GateFacts): string {
  const units =
    gate.clusters === null
      ? counted(gate.n, "row")
      : `${counted(gate.n, "row")} in ${counted(gate.clusters, "cluster")} of ${gate.clusterBy.join(", ")}`;
  const how =
    gate.rule === "bootstrap"
      ? `paired bootstrap, ${formatCount(gate.replicates)} replicates, seed ${gate.seed}, alpha ${formatNumber(gate.alpha)}`
      : "point rule: the plain figures, no test of chance";
  const power = [
    gate.minimumDetectable === null
      ? undefined
      : "MDE: the smallest improvement beyond its rule's bound that a comparison could have found (80 % power).",
    gate.extraUnitsNeeded === null || gate.extraUnitsNeeded <= 0
      ? undefined
      : `${formatCount(Math.ceil(gate.extraUnitsNeeded))} more rows${gate.clusters === null ? "" : ", of further groups,"} would be needed to tell.`,
  ];
  return [
    `${how}; ${units}; improvement above 0 is better; gate ${shortDigest(gate.gateHash)}, frozen before scoring.`,
    ...power.filter((it) => it !== undefined),
  ].join(" ");
}
