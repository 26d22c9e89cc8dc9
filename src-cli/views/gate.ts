import type { GateResult, GateRow } from "../../src-core/contract/runs/stage-results.ts";
import { type Mark, mark } from "../marks.ts";
import { widthOf } from "../measure.ts";
import { counted, formatCount, formatEstimate, formatNumber, formatP } from "../numbers.ts";
import { paint, type Screen } from "../screen.ts";
import { table } from "../table.ts";
import { hanging, inner, lines, pad, shortDigest } from "../text.ts";

type GateFacts = Omit<GateResult, "rows" | "verdict" | "reason">;

const signs: Readonly<Record<GateRow["outcome"], Mark>> = {
  pass: "good",
  fail: "bad",
  undecided: "unclear",
  "not measured": "unclear",
  info: "note",
};

/** The gate row by row: what was asked, the figures it was answered with, and how it came out. */
export function gateView(rows: readonly GateRow[], screen: Screen): string {
  const checks = rows.filter((row) => row.role === "validity");
  const compared = rows.filter((row) => row.role !== "validity");
  return lines(...checks.map((row) => checkLine(row, screen)), comparison(compared, screen));
}

function checkLine(row: GateRow, screen: Screen): string {
  return oneLine(row, `${row.metric}: ${row.rule}`, screen);
}

/** Sign, role and one text, wrapped beside them; the outcome is said in words where the sign alone doesn't. */
function oneLine(row: GateRow, what: string, screen: Screen): string {
  const outcome = row.outcome === "pass" ? "" : ` (${row.outcome})`;
  const note = row.note === null ? "" : ` – ${row.note}`;
  return mark(screen, signs[row.outcome]) + hanging(screen, `  ${pad(row.role, 9)}  `, what + outcome + note).slice(1);
}

const columns = ["candidate", "production", "improvement", "bounds", "p", "adj. p", "MDE"] as const;
type Figures = readonly [string, string, string, string, string, string, string];

function comparison(rows: readonly GateRow[], screen: Screen): string {
  if (rows.length === 0) return "";
  // Without a production there are no pairs: the candidate's figure stands in the line itself.
  if (rows.every((row) => row.production === null && row.improvement === null)) {
    return lines(...rows.map((row) => oneLine(row, `${row.metric} ${figuresOf(row)[0]}, rule: ${row.rule}`, screen)));
  }
  const wide = wideComparison(rows, screen);
  if (wide !== undefined) return wide;
  const figures = rows.map(figuresOf);
  const widths = columns.map((title, at) => Math.max(widthOf(title), ...figures.map((it) => widthOf(it[at] ?? ""))));
  const isTabular = 4 + widths.reduce((sum, width) => sum + width + 2, -2) <= screen.width;
  const line = (it: readonly string[]) =>
    `    ${it.map((text, at) => pad(text, widths[at] ?? 0, columns[at] === "bounds" ? "left" : "right")).join("  ")}`.trimEnd();
  const head = isTabular ? [paint(screen, "dim", line(columns))] : [];
  const body = rows.flatMap((row, index) => {
    const it = figures[index] ?? figuresOf(row);
    return [
      `${mark(screen, signs[row.outcome])} ${pad(row.role, 9)}  ${row.metric}: ${row.rule} ${paint(screen, "dim", `(${row.outcome})`)}`,
      ...(isTabular ? [line(it)] : [hanging(screen, "    ", sentence(it))]),
      ...noteOf(row, screen),
    ];
  });
  return lines(...head, ...body);
}

/** One line a row, where the terminal is wide enough for it. */
function wideComparison(rows: readonly GateRow[], screen: Screen): string | undefined {
  if (screen.width < 110) return undefined;
  const text = table(
    screen,
    rows,
    [
      { title: "role", value: (row) => row.role },
      { title: "metric", value: (row) => row.metric },
      { title: "rule", value: (row) => row.rule },
      ...columns.map((title, at) => ({
        title,
        value: (row: GateRow) => figuresOf(row)[at],
        align: title === "bounds" ? ("left" as const) : ("right" as const),
      })),
      { title: "outcome", value: (row) => row.outcome },
    ],
    { mark: (row) => mark(screen, signs[row.outcome]), below: belowRow },
  );
  return text.split("\n").every((line) => widthOf(line) <= screen.width) ? text : undefined;
}

function figuresOf(row: GateRow): Figures {
  const improvement = formatEstimate(
    { value: row.improvement, low: row.low, high: row.high },
    { isSigned: true, digits: 3 },
  );
  const scores = formatPair(row.candidate, row.production);
  const least = { value: row.minimumDetectable ?? null, low: null, high: null };
  const mde = row.minimumDetectable == null ? "–" : formatEstimate(least, { digits: 3 }).value;
  const [bounds, p, adjusted] = [improvement.interval || "–", formatP(row.p), formatP(row.adjustedP)];
  return [scores[0], scores[1], improvement.value, bounds, p, adjusted, mde];
}

/** Two figures that are compared have the same decimals. */
function formatPair(candidate: number | null, production: number | null): readonly [string, string] {
  const scale = { low: candidate, high: production };
  return [
    candidate === null ? "–" : formatEstimate({ value: candidate, ...scale }).value,
    production === null ? "–" : formatEstimate({ value: production, ...scale }).value,
  ];
}

function sentence([candidate, production, improvement, bounds, p, adjusted, mde]: Figures): string {
  return `candidate ${candidate}, production ${production}, improvement ${improvement} ${bounds}, p ${p}, adjusted p ${adjusted}, MDE ${mde}`;
}

function noteOf(row: GateRow, screen: Screen): readonly string[] {
  const text = belowRow(row);
  return text === null ? [] : [paint(screen, "dim", hanging(screen, "    ", text))];
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
export function gateMethod(gate: GateFacts, screen: Screen): string {
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
  const text = [
    `${how}; ${units}; improvement above 0 is better; gate ${shortDigest(gate.gateHash)}, frozen before scoring.`,
    ...power.filter((it) => it !== undefined),
  ].join(" ");
  return paint(screen, "dim", hanging(inner(screen, 0), "", text));
}
