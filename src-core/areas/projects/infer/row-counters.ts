import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { typedView } from "./gather-profile.ts";
import type { ColumnProfile, TableProfile } from "./profile.ts";

/** Names that a program gives to the row numbers it adds: pandas, R, spreadsheets, and a header without a name. */
const counterName =
  /^(unnamed: ?\d+(\.\d+)*|column\d+|index|level_\d+|__index_level_\d+__|\.\.\.\d+|_c0|#|row[ ._]?(names?|no|nr|num|number|index|idx|counter)?)$/i;

/** What the table is without its row counters. */
interface WithoutCounters {
  readonly profile: TableProfile;
  readonly counters: readonly ColumnProfile[];
}

/**
 * Removes the columns that only number the rows of the file and are called so. Exported in another order, their numbers
 * belong to other rows: nothing may be decided by them. A column that was named for a role stays.
 */
export async function withoutRowCounters(
  duck: Duck,
  gathered: TableProfile,
  named: readonly string[],
): Promise<WithoutCounters> {
  const suspects = gathered.columns.filter(({ name }) => counterName.test(name) && !named.includes(name));
  const counting = await risingColumns(duck, suspects);
  if (counting.length === 0) return { profile: gathered, counters: [] };
  const columns = gathered.columns.filter((column) => !counting.includes(column));
  if (columns.length === 0) return { profile: gathered, counters: [] };
  const compared = columns.map(({ name }) => identifier(name)).join(", ");
  const row = await duck.row(`SELECT count(*) AS n FROM (SELECT DISTINCT ${compared} FROM ${typedView})`);
  return { profile: { ...gathered, columns, distinctRows: count(row.n) }, counters: counting };
}

/** So many tables were put together at most; a number that starts again more often is the place within something: a seat's row. */
const mostRestarts = 20;

/**
 * Those of the columns whose whole numbers rise with the file's rows: with gaps where rows were removed, from the start again
 * where tables were put together.
 */
async function risingColumns(duck: Duck, columns: readonly ColumnProfile[]): Promise<readonly ColumnProfile[]> {
  const whole = columns.filter(
    ({ type, nulls, distinct, rows }) =>
      type === "int" && nulls === 0 && distinct > 1 && distinct * mostRestarts >= rows,
  );
  if (whole.length === 0) return [];
  const steps = whole.flatMap(({ name }, index) => {
    const column = identifier(name);
    return [
      `${column} AS x${index}, lag(${column}) OVER (ORDER BY signalbox_row) AS before_${index}`,
      `min(${column}) OVER () AS low_${index}`,
    ];
  });
  const isRising = whole.map((_, i) => `coalesce(bool_and(x${i} > before_${i} OR x${i} = low_${i}), false) AS c${i}`);
  const found = await duck.row(
    `SELECT ${isRising.join(", ")} FROM (SELECT ${steps.join(", ")} FROM (SELECT *, row_number() OVER () AS signalbox_row FROM ${typedView}) QUALIFY before_0 IS NOT NULL)`,
  );
  return whole.filter((_, index) => found[`c${index}`] === true);
}

/** Those of the columns whose values are consecutive numbers in the file's order. */
export async function countingColumns(
  duck: Duck,
  profile: TableProfile,
  columns: readonly ColumnProfile[],
): Promise<readonly ColumnProfile[]> {
  const dense = columns.filter(
    ({ type, nulls, distinct, min, max }) =>
      type === "int" &&
      nulls === 0 &&
      profile.rows > 1 &&
      distinct === profile.rows &&
      Number(max) - Number(min) === profile.rows - 1,
  );
  if (dense.length === 0) return [];
  const isCounting = dense.map(({ name }, index) => {
    const offset = `${identifier(name)} - signalbox_row`;
    return `min(${offset}) = max(${offset}) AS c${index}`;
  });
  const found = await duck.row(
    `SELECT ${isCounting.join(", ")} FROM (SELECT *, row_number() OVER () AS signalbox_row FROM ${typedView})`,
  );
  return dense.filter((_, index) => found[`c${index}`] === true);
}
