import { clip, widthOf, wrap } from "./measure.ts";
import { formatNumber } from "./numbers.ts";
import { paint, plainLine, type Screen, type Style } from "./screen.ts";
import { hanging, indented, pad } from "./text.ts";

export type Cell = string | number | boolean | null | undefined;

export interface Column<Row> {
  readonly title: string;
  readonly value: (row: Row) => Cell;
  readonly align?: "left" | "right";
  readonly style?: (row: Row) => Style | undefined;
  /** Columns that may be cut when the terminal is narrow, the largest number first; absent: never. */
  readonly shrink?: number;
  /** What a cut leaves of it at least. */
  readonly least?: number;
  /** Which end a cut keeps: a path is told by its last part. */
  readonly keeps?: "start" | "end";
}

export interface TableOptions<Row> {
  /** A sign before each row. */
  readonly mark?: (row: Row) => string;
  /** A remark below a row, wrapped and indented. */
  readonly below?: (row: Row) => string | null | undefined;
}

const gap = "  ";

/**
 * Rows as an aligned table that fits the screen. Columns that may shrink are cut first; a table that still doesn't fit is laid out row
 * by row as "name  value" lines: nothing is cut into uselessness.
 */
export function table<Row>(
  screen: Screen,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions<Row> = {},
): string {
  if (rows.length === 0) return "";
  const cells = rows.map((row) => columns.map((column) => cellText(column.value(row))));
  const widths = columns.map((column, index) =>
    Math.max(widthOf(column.title), ...cells.map((row) => widthOf(row[index] ?? ""))),
  );
  const lead = options.mark === undefined ? 0 : 2;
  const available = screen.width - lead;
  shrink(widths, columns, available);
  if (totalWidth(widths) > available) return records(screen, rows, columns, options);
  const line = (texts: readonly string[], row?: Row) =>
    texts
      .map((text, index) => {
        const column = columns[index];
        const width = widths[index] ?? 0;
        const isLast = index === texts.length - 1 && column?.align !== "right";
        const cut = clip(text, width, column?.keeps);
        const shown = isLast ? cut : pad(cut, width, column?.align);
        const style = row === undefined ? undefined : column?.style?.(row);
        return style === undefined ? shown : paint(screen, style, shown);
      })
      .join(gap)
      .trimEnd();
  const titles = columns.map((column) => column.title);
  const head = titles.every((title) => title === "") ? [] : [" ".repeat(lead) + paint(screen, "dim", line(titles))];
  const body = rows.flatMap((row, index) => {
    const sign = options.mark === undefined ? "" : `${options.mark(row)} `;
    const remark = options.below?.(row);
    const shown = sign + line(cells[index] ?? [], row);
    if (remark === null || remark === undefined || remark === "") return [shown];
    return [shown, paint(screen, "dim", hanging(screen, " ".repeat(lead + 2), remark))];
  });
  return [...head, ...body].join("\n");
}

/** The least number of columns a table takes without being cut. */
function totalWidth(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + gap.length * (widths.length - 1);
}

function shrink<Row>(widths: number[], columns: readonly Column<Row>[], available: number): void {
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

function records<Row>(
  screen: Screen,
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions<Row>,
): string {
  return rows
    .map((row) => {
      const [first, ...others] = columns;
      const sign = options.mark === undefined ? "" : `${options.mark(row)} `;
      const entries = others.map((column) => [column.title, column.value(row)] as const);
      const remark = options.below?.(row);
      return [
        sign + paint(screen, "bold", cellText(first?.value(row))),
        indented(facts({ ...screen, width: screen.width - 4 }, entries), 4),
        ...(remark ? [paint(screen, "dim", hanging(screen, "    ", remark))] : []),
      ].join("\n");
    })
    .join("\n");
}

function cellText(value: Cell): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "number") return formatNumber(value);
  return plainLine(String(value));
}

/** "name  value" lines with the names aligned and the values wrapped beside them; entries without a value are left out. */
export function facts(
  screen: Screen,
  entries: readonly (readonly [name: string, value: Cell, style?: Style])[],
): string {
  const shown = entries.filter(([, value]) => value !== undefined);
  const width = Math.max(0, ...shown.map(([name]) => widthOf(name)));
  const indent = " ".repeat(width + gap.length);
  return shown
    .flatMap(([name, value, style]) =>
      wrap(cellText(value), Math.max(20, screen.width - indent.length)).map((line, index) => {
        const text = style === undefined ? line : paint(screen, style, line);
        return (index === 0 ? paint(screen, "dim", pad(name, width)) + gap : indent) + text;
      }),
    )
    .join("\n");
}
