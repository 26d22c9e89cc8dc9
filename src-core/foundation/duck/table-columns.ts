import { identifier, literal } from "./quote.ts";

/** A column as a table's reader describes it. */
export interface TableColumn {
  readonly name: string;
  /** DuckDB's type name: "BIGINT", "STRUCT(a INTEGER)". */
  readonly type: string;
  /** Set if the reader can't keep every value: such a column must not be used. */
  readonly unfit?: UnfitValues;
}

export interface UnfitValues {
  readonly rows: number;
  /** What they are, and what to change in the table. */
  readonly problem: string;
  /** The first of them, if the reader knows it; `row` from 1. */
  readonly first?: { readonly name: string; readonly row: number; readonly value: string };
}

/** "3 values finer than a microsecond; round the times in the table to use them" */
export function unfitReason({ rows, problem }: Pick<UnfitValues, "rows" | "problem">): string {
  return `${rows} value${rows === 1 ? "" : "s"} ${problem}`;
}

/** What is said of times that a contract's type can't hold. */
export const finerTimes = "finer than a microsecond; round the times in the table to use them";

/** What a table's reader changed, so that it can be said: "x is read as x_1", and why. */
export interface TableRemark {
  readonly what: string;
  readonly why: string;
}

/** What the reader needs of the database: its rows. */
export interface Rows {
  readonly rows: (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** Names and types of a relation's columns. */
export async function columnsOf(duck: Rows, relation: string): Promise<readonly TableColumn[]> {
  const rows = await duck.rows(`DESCRIBE SELECT * FROM ${relation}`);
  return rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
}

/** The form in which DuckDB compares names: letters of ASCII in lower case. */
export function foldedName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Pairs of names that DuckDB can't distinguish, each name with the first that equals it. */
export function sameNames(names: readonly string[]): readonly (readonly [string, string])[] {
  const first = new Map<string, string>();
  const pairs: (readonly [string, string])[] = [];
  for (const name of names) {
    const earlier = first.get(foldedName(name));
    if (earlier === undefined) first.set(foldedName(name), name);
    else pairs.push([earlier, name]);
  }
  return pairs;
}

/** `SELECT` list item that reaches a struct's field by its path. */
export function fieldExpression(path: readonly string[]): string {
  const [first, ...rest] = path;
  if (first === undefined) throw new Error("fieldExpression: empty path");
  return rest.reduce((inner, field) => `struct_extract(${inner}, ${literal(field)})`, identifier(first));
}
