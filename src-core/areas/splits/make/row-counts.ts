import { counted, formatCount } from "../../../../src-view/numbers.ts";
import type { SplitSchema } from "../../../contract/configs/split-schema.ts";
import { AppError } from "../../../contract/errors.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { parquetSql } from "../../../foundation/duck/read-sql.ts";
import { requireColumn } from "../contract/contract-columns.ts";
import type { Master } from "../master/master.ts";
import { type Part, type Sides, timeColumnOf } from "./sides.ts";
import { isTimeType, momentOfSql } from "./time-column.ts";

/**
 * SQL of the moments of the time column that the strategy cuts by ("" where it has none).
 * @throws configs/inconsistent (neither times nor whole numbers), splits/invalid-key (nulls, or numbers that are no years:
 *   such a row belongs to no side)
 */
export async function timeSql(duck: Duck, split: SplitSchema, master: Master): Promise<string> {
  const name = timeColumnOf(split);
  if (name === null) return "";
  const column = requireColumn(master.columns, name, "The split's time");
  if (!isTimeType(column.contract.type)) {
    throw new AppError({
      code: "configs/inconsistent",
      message: `The split cuts by ${name}, which the data contract declares as ${column.contract.type}.`,
      hint: "Cut by a column of type timestamp, or by whole years.",
      details: { column: name },
    });
  }
  const moment = momentOfSql(column);
  const row = await duck.row(
    `SELECT count(*) - count(${column.sql}) AS nulls, count(${column.sql}) - count(${moment}) AS others FROM ${master.relation}`,
  );
  if (count(row.others) > 0) throw noYears(name, count(row.others));
  if (count(row.nulls) === 0) return moment;
  throw new AppError({
    code: "splits/invalid-key",
    message: `The split cuts by the column ${name}, which has ${count(row.nulls)} nulls: those rows belong to no side.`,
    hint: "Remove those rows with an `exclude` rule.",
    details: { column: name },
  });
}

function noYears(name: string, rows: number): AppError {
  return new AppError({
    code: "splits/invalid-key",
    message: `The split cuts by the column ${name} of whole numbers, of which ${rows} ${rows === 1 ? "isn't a year" : "aren't years"} (1 to 9999).`,
    hint: "Cut by years or by a column of type timestamp, or remove those rows with an `exclude` rule.",
    details: { column: name, rows },
  });
}

/**
 * What happened to each row. Counted from what was written, not derived from the total, so that a lost row shows.
 * With a frozen reference, rows of its side that aren't in it are withheld.
 */
export async function countRows(
  duck: Duck,
  input: {
    readonly master: Master;
    readonly sides: Sides;
    readonly select: (part: Part) => string;
    readonly trainRows: number;
    readonly reference: { readonly kind: "new" | "frozen"; readonly file: string };
    readonly keys: readonly string[];
  },
): Promise<Readonly<Record<string, number>>> {
  const { master, sides, select, keys, reference } = input;
  const rowsOf = async (sql: string) => count((await duck.row(`SELECT count(*) AS n FROM (${sql})`)).n);
  const counts: Record<string, number> = {};
  for (const { name, rows } of master.excluded) counts[`excluded_${name}`] = rows;
  if (master.deduplicated > 0) counts.deduplicated = master.deduplicated;
  counts.train = input.trainRows;
  const held = parquetSql(reference.file);
  if (reference.kind === "new") counts.reference = await rowsOf(`SELECT 1 FROM ${held}`);
  else {
    const named = keys.map((sql, index) => `${sql} AS __key_${index}`).join(", ");
    const on = keys.map((_, index) => `now.__key_${index} = held.__key_${index}`).join(" AND ");
    const side = `(SELECT ${named} FROM (${select(sides.reference)})) now`;
    const known = `(SELECT ${named} FROM ${held}) held`;
    counts.reference = await rowsOf(`SELECT 1 FROM ${side} SEMI JOIN ${known} ON (${on})`);
    const withheld = await rowsOf(`SELECT 1 FROM ${side} ANTI JOIN ${known} ON (${on})`);
    if (withheld > 0) counts.withheld = withheld;
  }
  for (const [name, part] of Object.entries(sides.leftOut)) counts[name] = await rowsOf(select(part));
  const sum = Object.values(counts).reduce((total, rows) => total + rows, 0);
  if (sum !== master.rows) {
    throw new AppError({
      code: "splits/contract-violated",
      message: `The split accounts for ${formatCount(sum)} of ${counted(master.rows, "row")} of the master table.`,
      hint: "This is a bug in Signalbox; nothing was kept. Report it with the split schema.",
      details: { counts, rows: master.rows },
    });
  }
  return counts;
}

/** @throws splits/empty-stratum for a combination of strata values that is missing on one side */
export async function refuseEmptyStrata(
  duck: Duck,
  input: {
    readonly split: SplitSchema;
    readonly master: Master;
    readonly files: readonly [train: string, reference: string];
  },
): Promise<void> {
  const { split, master, files } = input;
  if (split.strategy !== "stratified_hash" || split.strata.length === 0) return;
  const columns = split.strata.map((name) => requireColumn(master.columns, name, "The split's strata").sql);
  const text = columns.map((sql) => `coalesce((${sql})::VARCHAR, 'null')`).join(" || ', ' || ");
  const strataOf = (file: string) => `SELECT DISTINCT ${text} AS stratum FROM ${parquetSql(file)}`;
  const missing = await duck.rows(
    `SELECT stratum, min(side) AS side FROM (SELECT stratum, 'train set' AS side FROM (${strataOf(files[0])}) UNION ALL SELECT stratum, 'reference test' FROM (${strataOf(files[1])})) GROUP BY stratum HAVING count(*) = 1 ORDER BY stratum LIMIT 10`,
  );
  const [first] = missing;
  if (first === undefined) return;
  const strata = missing.map((row) => String(row.stratum));
  throw new AppError({
    code: "splits/empty-stratum",
    message: `The strata ${split.strata.join(", ")} aren't on both sides: ${strata.map((stratum) => `(${stratum})`).join(", ")} only in the ${String(first.side)}${missing.length > 1 ? " or the other" : ""}.`,
    hint: "Use coarser strata or more rows, or remove the rare ones with an `exclude` rule.",
    details: { strata },
  });
}
