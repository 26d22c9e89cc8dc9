import { count, type Duck, type DuckRow } from "../../../foundation/duck/open.ts";
import { identifier, literal } from "../../../foundation/duck/quote.ts";
import { typedView } from "./gather-profile.ts";
import { type ColumnProfile, filledRows, type TableProfile } from "./profile.ts";

/** A value that looks like a code for "unknown" and is read as a number or a time like any other. */
export interface Sentinel {
  readonly column: string;
  /** As it is written in the table: "-999", "9999-12-31". */
  readonly value: string;
  readonly rows: number;
  /** Rows with any value. */
  readonly filled: number;
  /** SQL of the rows that have it. */
  readonly sql: string;
}

/** Codes that surveys, sensors and exports write where there is no value. */
const numbers: readonly number[] = [
  ...[-1, -9, -77, -88, -99, -777, -888, -999, -7777, -8888, -9999, -99_999, -999_999, -9_999_999],
  ...[-32_768, -2_147_483_648, 77, 88, 99, 777, 888, 999, 7777, 8888, 9999, 99_999, 999_999, 9_999_999, 99_999_999],
];
const days: readonly string[] = [
  ...["0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01"],
  ...["2099-12-31", "2199-12-31", "2999-12-31", "9999-12-31"],
];
/** Fewer other values are levels or directions (-1, 0, 1), not amounts. */
const fewestOthers = 4;

/**
 * Finds values at an end of a column, apart from all others, that are known as codes for a missing value. They are named and
 * never removed: only the owner of the table knows. `kept` is the SQL of the rows a run would use; `skipped` is a target of
 * classes, where -1 is as good a name as any.
 */
export async function findSentinels(
  duck: Duck,
  profile: TableProfile,
  { kept, skipped }: { readonly kept: string; readonly skipped: string | null },
): Promise<readonly Sentinel[]> {
  const found: Sentinel[] = [];
  for (const column of profile.columns) {
    if (column.name === skipped || !mayHaveOne(column)) continue;
    const codes = column.type === "timestamp" ? days : numbers;
    const value = column.type === "timestamp" ? dayOf(column.name) : identifier(column.name);
    const row = await duck.row(statsSql(column, { codes, value, kept }));
    for (const [index, code] of codes.entries()) {
      const rows = count(row[`n_${index}`]);
      if (rows === 0 || !isApart(column, { place: Number(row[`place_${index}`]), rows }, row)) continue;
      const sql = `${value} = ${typeof code === "number" ? code : literal(code)}`;
      found.push({ column: column.name, value: String(code), rows, filled: filledRows(column), sql });
    }
  }
  return found;
}

const dayOf = (name: string) => `strftime(${identifier(name)}, '%Y-%m-%d')`;

/** A code at neither end of the column is among the other values, and most columns need no query. */
function mayHaveOne({ type, min, max }: ColumnProfile): boolean {
  if (type === "int" || type === "float") return numbers.includes(Number(min)) || numbers.includes(Number(max));
  return type === "timestamp" && [min, max].some((bound) => days.includes(String(bound).slice(0, 10)));
}

function statsSql(
  { name, type }: ColumnProfile,
  it: { readonly codes: readonly (number | string)[]; readonly value: string; readonly kept: string },
): string {
  const listed = it.codes.map((code) => (typeof code === "number" ? String(code) : literal(code)));
  const place = type === "timestamp" ? `epoch(${identifier(name)})` : `${identifier(name)}::DOUBLE`;
  const counts = listed.flatMap((code, index) => [
    `count(*) FILTER (${it.value} = ${code}) AS n_${index}`,
    `max(${place}) FILTER (${it.value} = ${code}) AS place_${index}`,
  ]);
  const others = `FILTER (${it.value} NOT IN (${listed.join(", ")}) AND isfinite(${place}))`;
  return `SELECT ${counts.join(", ")}, min(${place}) ${others} AS low, max(${place}) ${others} AS high,
      count(DISTINCT ${place}) ${others} AS others FROM ${typedView} WHERE ${it.kept}`;
}

/** Whether the code is farther from all other values than these are from each other, or the only negative one. */
function isApart(
  { type }: ColumnProfile,
  { place, rows }: { readonly place: number; readonly rows: number },
  row: DuckRow,
): boolean {
  if (row.low === null || count(row.others) < fewestOthers) return false;
  const [low, high] = [Number(row.low), Number(row.high)];
  if (place >= low && place <= high) return false;
  const gap = place < low ? low - place : place - high;
  const isFar = gap > high - low;
  if (type === "timestamp") return isFar && rows > 1;
  const isOnlyNegative = place < 0 && low >= 0;
  // One row may be an outlier, unless it is as far away as -999 from shares.
  return place < 0
    ? (isOnlyNegative && (rows > 1 || (isFar && place <= -99))) || (isFar && place <= -99)
    : isFar && rows > 1;
}
