import { formatNumber } from "../src-view/numbers.ts";
import type { Block, Cell, Fact, TableColumn, TableRow } from "../src-view/section.ts";
import { mark, paintTone } from "./marks.ts";
import { clip, widthOf, wrap } from "./measure.ts";
import { paint, plainLine, type Screen } from "./screen.ts";
import { hanging, indented, lines, pad } from "./text.ts";

type Table = Pick<Extract<Block, { kind: "table" }>, "columns" | "rows">;

const gap = "  ";

/**
 * Renders rows as an aligned table that fits the screen. Columns that may shrink are cut first. A table that still doesn't fit is laid out
 * row by row as "name  value" lines.
 */
export function tableLines(screen: Screen, { columns, rows }: Table): string {
  const { cells, widths, lead, isFitting } = layoutOf(screen, { columns, rows });
  if (!isFitting) return rows.map((row) => record(screen, row, columns)).join("\n");
  const line = (texts: readonly string[], row?: TableRow) =>
    texts
      .map((text, index) => {
        const column = columns[index];
        const width = widths[index] ?? 0;
        const isLast = index === texts.length - 1 && column?.align !== "right";
        const cut = clip(text, width, column?.keeps);
        return paintTone(screen, row?.cells[index]?.tone, isLast ? cut : pad(cut, width, column?.align));
      })
      .join(gap)
      .trimEnd();
  const titles = columns.map((column) => column.title);
  const head = titles.every((title) => title === "") ? [] : [" ".repeat(lead) + paint(screen, "dim", line(titles))];
  const body = rows.flatMap((row, index) => {
    const shown = signOf(screen, row) + line(cells[index] ?? [], row);
    return [shown, ...remarkOf(screen, row, lead + 2)];
  });
  return [...head, ...body].join("\n");
}

/** Checks whether a table fits the screen, its columns cut where they may be. */
export function isTableFitting(screen: Screen, table: Table): boolean {
  return layoutOf(screen, table).isFitting;
}

function layoutOf(screen: Screen, { columns, rows }: Table) {
  const cells = rows.map((row) => columns.map((_, index) => cellText(row.cells[index]?.value)));
  const widths = columns.map((column, index) =>
    Math.max(widthOf(column.title), ...cells.map((row) => widthOf(row[index] ?? ""))),
  );
  const lead = rows.some((row) => row.mark !== undefined) ? 2 : 0;
  shrink(widths, columns, screen.width - lead);
  return { cells, widths, lead, isFitting: totalWidth(widths) <= screen.width - lead };
}

function signOf(screen: Screen, row: TableRow): string {
  return row.mark === undefined ? "" : `${mark(screen, row.mark)} `;
}

function remarkOf(screen: Screen, { below }: TableRow, indent: number): readonly string[] {
  if (below === undefined || below === "") return [];
  return [paint(screen, "dim", hanging(screen, " ".repeat(indent), below))];
}

/** Returns the smallest width of a table whose other columns aren't cut. */
function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1);
}

function shrink(widths: number[], columns: readonly TableColumn[], available: number): void {
  const order = columns
    .map((column, index) => ({ index, priority: column.shrink ?? 0, least: column.least ?? 12 }))
    .filter((it) => it.priority > 0)
    .sort((a, b) => b.priority - a.priority);
  for (const { index, least } of order) {
    const excess = totalWidth(widths) - available;
    if (excess <= 0) return;
    const width = widths[index] ?? 0;
    widths[index] = Math.max(Math.min(width, least), width - excess);
  }
}

function record(screen: Screen, row: TableRow, columns: readonly TableColumn[]): string {
  const [first, ...others] = row.cells;
  const entries = others.flatMap(({ value }, index): Fact[] =>
    value === undefined ? [] : [{ name: columns[index + 1]?.title ?? "", value }],
  );
  return [
    signOf(screen, row) + paint(screen, "bold", cellText(first?.value)),
    indented(factLines({ ...screen, width: screen.width - 4 }, entries), 4),
    ...remarkOf(screen, row, 4),
  ].join("\n");
}

function cellText(value: Cell): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "number") return formatNumber(value);
  return plainLine(String(value));
}

/** Renders "name  value" lines with aligned names and wrapped values. */
export function factLines(screen: Screen, facts: readonly Fact[]): string {
  const width = Math.max(0, ...facts.map(({ name }) => widthOf(name)));
  const indent = " ".repeat(width + gap.length);
  return facts
    .flatMap(({ name, value, tone }) =>
      wrap(cellText(value), Math.max(20, screen.width - indent.length)).map(
        (line, index) =>
          (index === 0 ? paint(screen, "dim", pad(name, width)) + gap : indent) + paintTone(screen, tone, line),
      ),
    )
    .join("\n");
}

/** Divides the columns into blocks that fit the width. Each block begins with the names of the rows. */
export function matrixLines(screen: Screen, { heads, columns, rows }: Extract<Block, { kind: "matrix" }>): string {
  const names = rows.map((row) => String(row.cells[0]?.value ?? "").length);
  const first = Math.max(4, ...names) + 2 + 9;
  const perBlock = Math.max(1, Math.floor((screen.width - first) / 13));
  const blocks: string[] = [];
  for (let at = 0; at < columns.length; at += perBlock) {
    const from = heads.length + at;
    blocks.push(
      tableLines(screen, {
        columns: [...heads, ...columns.slice(at, at + perBlock).map((title) => ({ title, align: "right" as const }))],
        rows: rows.map((row) => ({
          ...row,
          cells: [...row.cells.slice(0, heads.length), ...row.cells.slice(from, from + perBlock)],
        })),
      }),
    );
  }
  return lines(...blocks);
}
