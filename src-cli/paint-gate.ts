import { figuresSentence, gateColumns } from "../src-view/gate.ts";
import type { Block, GateComparison, GateLine } from "../src-view/section.ts";
import { table } from "../src-view/shape.ts";
import { mark, marked } from "./marks.ts";
import { widthOf } from "./measure.ts";
import { paint, type Screen } from "./screen.ts";
import { isTableFitting, tableLines } from "./table.ts";
import { hanging, lines, pad } from "./text.ts";

/** Paints the gate: one line per row if it fits, else the figures below each row, as columns or as a sentence. */
export function paintGate({ lines: alone, comparisons }: Extract<Block, { kind: "gate" }>, screen: Screen): string {
  return lines(...alone.map((it) => oneLine(it, screen)), comparison(comparisons, screen));
}

function oneLine({ mark: sign, role, text }: GateLine, screen: Screen): string {
  return marked(screen, sign, { lead: `  ${pad(role, 9)}  `, text });
}

function comparison(rows: readonly GateComparison[], screen: Screen): string {
  if (rows.length === 0) return "";
  const wide = wideComparison(rows, screen);
  if (wide !== undefined) return wide;
  const widths = gateColumns.map((title, at) =>
    Math.max(widthOf(title), ...rows.map((it) => widthOf(it.figures[at] ?? ""))),
  );
  const isTabular = 4 + widths.reduce((sum, width) => sum + width + 2, -2) <= screen.width;
  const line = (it: readonly string[]) =>
    `    ${it.map((text, at) => pad(text, widths[at] ?? 0, gateColumns[at] === "bounds" ? "left" : "right")).join("  ")}`.trimEnd();
  const head = isTabular ? [paint(screen, "dim", line(gateColumns))] : [];
  const body = rows.flatMap((row) => [
    `${mark(screen, row.mark)} ${pad(row.role, 9)}  ${row.metric}: ${row.rule} ${paint(screen, "dim", `(${row.outcome})`)}`,
    isTabular ? line(row.figures) : hanging(screen, "    ", figuresSentence(row.figures)),
    row.below === null ? "" : paint(screen, "dim", hanging(screen, "    ", row.below)),
  ]);
  return lines(...head, ...body);
}

/**
 * Paints one line per row, if the terminal is wide enough; on one that is a little narrower, rule and outcome are in the line below. Undefined if
 * neither fits.
 */
function wideComparison(rows: readonly GateComparison[], screen: Screen): string | undefined {
  if (screen.width < 100) return undefined;
  const named = [
    { title: "role", value: (row: GateComparison) => row.role },
    { title: "metric", value: (row: GateComparison) => row.metric, shrink: 1, least: 18 },
  ];
  const figures = gateColumns.map((title, at) => ({
    title,
    value: (row: GateComparison) => row.figures[at],
    align: title === "bounds" ? ("left" as const) : ("right" as const),
  }));
  const mark = (row: GateComparison) => row.mark;
  const whole = table(
    rows,
    [
      ...named,
      { title: "rule", value: (row) => row.rule },
      ...figures,
      { title: "outcome", value: (row) => row.outcome },
    ],
    { mark, below: (row) => row.below },
  );
  const short = table(rows, [...named, ...figures], { mark, below: ruleAndOutcome });
  const fitting = [whole, short].find((block) => block?.kind === "table" && isTableFitting(screen, block));
  return fitting?.kind === "table" ? tableLines(screen, fitting) : undefined;
}

function ruleAndOutcome({ rule, outcome, below }: GateComparison): string {
  return `${rule}: ${outcome}${below === null ? "" : `; ${below}`}`;
}
