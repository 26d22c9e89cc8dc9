import type { Mark, Tone } from "./labels.ts";
import type { Block, Cell, Check, Fact, Section, Span, StageLine, TableColumn, TableRow, Term } from "./section.ts";

/** Builders of blocks and sections. They return undefined for an empty one, which is then omitted. */

type Maybe<T> = T | undefined;

export function report(...sections: readonly Maybe<Section>[]): readonly Section[] {
  return sections.filter((it) => it !== undefined);
}

/** Builds a section with a title. */
export function section(title: string, ...blocks: readonly Maybe<Block>[]): Maybe<Section> {
  const present = blocks.filter((it) => it !== undefined);
  return present.length === 0 ? undefined : { title, blocks: present };
}

/** Builds a section without a title. */
export function part(...blocks: readonly Maybe<Block>[]): Maybe<Section> {
  const present = blocks.filter((it) => it !== undefined);
  return present.length === 0 ? undefined : { blocks: present };
}

export const toned = (text: string, tone: Tone | undefined): Span => ({ text, tone });

const spansOf = (spans: readonly (string | Span)[]): readonly Span[] =>
  spans.map((it) => (typeof it === "string" ? { text: it } : it)).filter((it) => it.text !== "");

export function line(...spans: readonly (string | Span)[]): Block {
  return { kind: "line", spans: spansOf(spans) };
}

/** Builds a line after a sign. */
export function signed(mark: Mark, ...spans: readonly (string | Span)[]): Block {
  return { kind: "line", mark, spans: spansOf(spans) };
}

/** Builds a text; undefined if it is absent or empty. */
export function text(
  value: string | null | undefined,
  how: { readonly mark?: Mark; readonly lead?: string; readonly name?: string; readonly tone?: Tone } = {},
): Maybe<Block> {
  return value === null || value === undefined || value === "" ? undefined : { kind: "text", text: value, ...how };
}

/** Builds a note on how something was made or what it means. */
export function note(value: string | null | undefined): Maybe<Block> {
  return text(value, { tone: "quiet" });
}

export function verbatim(value: string): Block {
  return { kind: "verbatim", text: value };
}

/** Builds named facts; those with an undefined value are omitted. */
export function facts(
  entries: readonly (readonly [name: string, value: Cell, tone?: Tone | undefined])[],
): Maybe<Block> {
  const shown = entries.flatMap(([name, value, tone]): Fact[] => (value === undefined ? [] : [{ name, value, tone }]));
  return shown.length === 0 ? undefined : { kind: "facts", facts: shown };
}

/** The same, indented below the previous line. */
export function insetFacts(entries: readonly (readonly [name: string, value: Cell])[]): Maybe<Block> {
  const block = facts(entries);
  return block?.kind === "facts" ? { ...block, isInset: true } : block;
}

export interface Column<Row> extends TableColumn {
  readonly value: (row: Row) => Cell;
  readonly tone?: (row: Row) => Tone | undefined;
}

export interface RowRemarks<Row> {
  readonly mark?: (row: Row) => Mark;
  readonly below?: (row: Row) => string | null | undefined;
}

export function table<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  remarks: RowRemarks<Row> = {},
): Maybe<Block> {
  if (rows.length === 0) return undefined;
  return {
    kind: "table",
    columns: columns.map(({ value: _, tone: __, ...column }) => column),
    rows: rows.map((row) => rowOf(row, columns, remarks)),
  };
}

function rowOf<Row>(row: Row, columns: readonly Column<Row>[], { mark, below }: RowRemarks<Row>): TableRow {
  return {
    cells: columns.map((column) => ({ value: column.value(row), tone: column.tone?.(row) })),
    mark: mark?.(row),
    below: below?.(row) ?? undefined,
  };
}

export function checks(entries: readonly Check[]): Maybe<Block> {
  return entries.length === 0 ? undefined : { kind: "checks", checks: entries };
}

export function stages(entries: readonly StageLine[]): Maybe<Block> {
  return entries.length === 0 ? undefined : { kind: "stages", stages: entries };
}

export function terms(entries: readonly Term[]): Maybe<Block> {
  return entries.length === 0 ? undefined : { kind: "terms", terms: entries };
}

/** Builds the section of next steps. */
export function nextSteps(commands: readonly string[]): Maybe<Section> {
  return commands.length === 0 ? undefined : section("Next", { kind: "steps", commands });
}
