import type { Task } from "../../../contract/configs/project-config.ts";
import { batches } from "../../../foundation/duck/batches.ts";
import type { Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { typedView } from "./gather-profile.ts";
import { type ColumnProfile, columnOf, filledRows, type TableProfile } from "./profile.ts";

/** Rows that are enough to see a near-perfect relation. */
const screenedRows = 100_000;
const maxBins = 256;
/** Share of the target's variance, or of the errors of always guessing the most common class, that one column explains. */
const nearPerfect = 0.99;
/** Fewer rows show such a relation by chance. */
const fewestRows = 30;

/**
 * Finds columns that alone nearly determine the target, and how well: what is learned from half of the rows is scored on
 * the other half, so that a column of many values can't succeed by memorising. Missing values count as a value: a reason
 * that is given only where the outcome was bad reveals the outcome. `kept` is the SQL of the rows a run would use.
 */
export async function findConsequences(
  duck: Duck,
  profile: TableProfile,
  {
    target,
    task,
    skipped,
    kept,
  }: { readonly target: string; readonly task: Task; readonly skipped: readonly string[]; readonly kept: string },
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const outcome = columnOf(profile, target);
  const filled = outcome ? Math.min(screenedRows, filledRows(outcome)) : 0;
  if (!outcome || filled < fewestRows || !isSquarable(outcome)) return found;
  const asked = profile.columns.filter(
    ({ name, distinct, nulls }) =>
      name !== target && !skipped.includes(name) && distinct > 0 && (distinct > 1 || nulls > 0),
  );
  for (const columns of batches(asked, columnsAtOnce)) {
    await screenRows(duck, { columns: [target, ...columns.map(({ name }) => name)], rows: profile.rows, kept });
    for (const column of columns) {
      const share = await explainedShare(duck, column, { y: identifier(target), task, filled });
      if (share < nearPerfect) continue;
      const what = task === "regression" ? "of the target's variance" : "of a guess's errors";
      const percent = Math.min(99.99, share * 100).toFixed(share > 0.999 ? 2 : 1);
      found.set(column.name, `alone it explains ${percent} % ${what}`);
    }
    await duck.run("DROP TABLE screened");
  }
  return found;
}

/** Finding a column in a wide table takes longer than the question about it. */
const columnsAtOnce = 100;

/** Makes the table `screened`. Rows are drawn by a hash of their number: every k-th row would follow whatever repeats in the table. */
async function screenRows(
  duck: Duck,
  { columns, rows, kept }: { readonly columns: readonly string[]; readonly rows: number; readonly kept: string },
): Promise<void> {
  const lastHash = Math.min(0xffff, Math.ceil((0x10000 * screenedRows) / rows))
    .toString(16)
    .padStart(4, "0");
  await duck.run(
    `CREATE TABLE screened AS SELECT ${columns.map(identifier).join(", ")}, signalbox_row
     FROM (SELECT *, row_number() OVER () AS signalbox_row FROM ${typedView})
     WHERE ${kept} AND left(md5('row ' || signalbox_row), 4) <= '${lastHash}'`,
  );
}

async function explainedShare(
  duck: Duck,
  column: ColumnProfile,
  { y, task, filled }: { readonly y: string; readonly task: Task; readonly filled: number },
): Promise<number> {
  const bin = binOf(column.type, { name: column.name, distinct: column.distinct, rows: filled });
  if (bin === null) return 0;
  const { explained } = await duck.row(task === "regression" ? varianceSql(y, bin) : classSql(y, bin));
  const alike =
    task === "regression" && isSquarable(column)
      ? await correlation(duck, { y, column: column.name, type: column.type })
      : 0;
  return Math.max(Number(explained ?? 0), alike);
}

/** DuckDB can't compute statistics whose squares overflow. */
function isSquarable({ min, max }: ColumnProfile): boolean {
  return [min, max].every((bound) => typeof bound !== "number" || Math.abs(bound) < 1e150);
}

/** SQL of the group a row belongs to; null if every row is its own. */
function binOf(
  type: string | null,
  { name, distinct, rows }: { readonly name: string; readonly distinct: number; readonly rows: number },
): string | null {
  const column = identifier(name);
  if (type === "string" || type === "bool" || distinct <= maxBins / 4) {
    return distinct <= rows / 3 || distinct <= 2 ? `${column}::VARCHAR` : null;
  }
  if (type !== "int" && type !== "float" && type !== "timestamp") return null;
  const bins = Math.max(2, Math.min(maxBins, Math.floor(rows / 8)));
  return `CASE WHEN ${column} IS NOT NULL THEN (ntile(${bins}) OVER (PARTITION BY ${column} IS NULL ORDER BY ${column}))::VARCHAR END`;
}

const halves = (y: string, bin: string) =>
  `WITH binned AS (SELECT ${y} AS y, ${bin} AS bin, (md5(signalbox_row::VARCHAR) < '8')::INT AS half FROM screened)`;

function varianceSql(y: string, bin: string): string {
  return `${halves(`${y}::DOUBLE`, bin)},
    learned AS (SELECT bin, avg(y) AS mean FROM binned WHERE half = 0 GROUP BY bin),
    scored AS (SELECT b.y, coalesce(l.mean, (SELECT avg(y) FROM binned WHERE half = 0)) AS guess
      FROM binned b LEFT JOIN learned l ON b.bin IS NOT DISTINCT FROM l.bin WHERE b.half = 1)
    SELECT 1 - sum((y - guess) ** 2) / nullif(sum((y - (SELECT avg(y) FROM binned WHERE half = 0)) ** 2), 0) AS explained FROM scored`;
}

function classSql(y: string, bin: string): string {
  return `${halves(`${y}::VARCHAR`, bin)},
    learned AS (SELECT bin, mode(y) AS class FROM binned WHERE half = 0 GROUP BY bin),
    scored AS (SELECT b.y <> coalesce(l.class, '') AS is_wrong, b.y <> (SELECT mode(y) FROM binned WHERE half = 0) AS is_base_wrong
      FROM binned b LEFT JOIN learned l ON b.bin IS NOT DISTINCT FROM l.bin WHERE b.half = 1)
    SELECT CASE WHEN count(*) FILTER (is_base_wrong) >= 5
      THEN 1 - count(*) FILTER (is_wrong) / count(*) FILTER (is_base_wrong)::DOUBLE END AS explained FROM scored`;
}

/** Squared correlation of values and of ranks: finds a copy in another unit or on another scale, which bins blur in long tails. */
async function correlation(
  duck: Duck,
  { y, column, type }: { readonly y: string; readonly column: string; readonly type: string | null },
): Promise<number> {
  if (type !== "int" && type !== "float") return 0;
  const x = identifier(column);
  const finite = type === "float" ? `isfinite(${x})` : "true";
  const row = await duck.row(
    `WITH pairs AS (SELECT ${x}::DOUBLE AS x, ${y}::DOUBLE AS y, rank() OVER (ORDER BY ${x}) AS rx, rank() OVER (ORDER BY ${y}) AS ry
       FROM screened WHERE ${x} IS NOT NULL AND ${finite})
     SELECT count(*) >= 0.5 * (SELECT count(*) FROM screened) AS is_enough, corr(x, y) ** 2 AS values, corr(rx, ry) ** 2 AS ranks FROM pairs`,
  );
  if (row.is_enough !== true) return 0;
  return Math.max(finiteOr0(row.values), finiteOr0(row.ranks));
}

function finiteOr0(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}
