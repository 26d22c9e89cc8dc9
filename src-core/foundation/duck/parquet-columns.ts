import path from "node:path";
import { AppError, type ErrorDetails } from "../../contract/errors.ts";
import { count, type Duck } from "./open.ts";
import { type AlikeFiles, alikeFiles } from "./parquet-schema.ts";
import { identifier } from "./quote.ts";
import { parquetSql } from "./read-sql.ts";
import { sameNames, type TableColumn, type TableRemark } from "./table-columns.ts";
import { lossSql, widenedType } from "./widen-types.ts";

interface ParquetTable {
  readonly columns: readonly TableColumn[];
  /** What follows FROM to read all files with these columns. */
  readonly sql: string;
  readonly remarks: readonly TableRemark[];
}

/** Files with equal columns, and their names in messages: below the folder that contains all. */
interface Part extends AlikeFiles {
  readonly shown: string;
}

/**
 * Describes Parquet files as one table, the same whatever their order: it has every column of each file, in a type that
 * keeps all values.
 * @throws splits/master-unreadable for a column whose types differ and can't be widened without loss, files/*
 */
export async function parquetTable(duck: Duck, files: readonly string[]): Promise<ParquetTable> {
  const folder = commonFolder(files);
  const nameOf = (file: string) => path.relative(folder, file);
  const parts = (await alikeFiles(duck, files)).map((alike) => ({
    ...alike,
    shown: alike.files.length === 1 ? nameOf(alike.first) : `${nameOf(alike.first)} and ${alike.files.length - 1} more`,
  }));
  const [only] = parts;
  if (only !== undefined && parts.length === 1)
    return { columns: only.columns, sql: namedSql(only, files), remarks: [...only.renamed, ...only.cut] };
  refuseRenamed(parts);
  const names = namesOfAll(parts);
  const columns: TableColumn[] = [];
  for (const name of names) columns.push(await columnOfAll(duck, name, parts));
  const selects = parts.map(
    (part) => `SELECT ${columns.map((column) => castIn(part, column)).join(", ")} FROM ${parquetSql(...part.files)}`,
  );
  return {
    columns,
    sql: `(${selects.join(" UNION ALL ")})`,
    remarks: [...parts.flatMap(cutRemarks), ...names.flatMap((name) => missingRemark(name, parts))],
  };
}

/** The reader's rows under the names that a CSV file with these columns would give them. */
function namedSql({ columns, renamed }: AlikeFiles, files: readonly string[]): string {
  const sql = parquetSql(...files);
  if (renamed.length === 0) return sql;
  return `(SELECT * FROM ${sql} AS file(${columns.map(({ name }) => identifier(name)).join(", ")}))`;
}

function commonFolder(files: readonly string[]): string {
  const [first = "", ...others] = files;
  let folder = path.dirname(first);
  while (others.some((file) => !file.startsWith(`${folder}/`)) && folder !== path.dirname(folder))
    folder = path.dirname(folder);
  return folder;
}

/** Which of two names that differ only in case DuckDB renames depends on their order, which may differ between files. */
function refuseRenamed(parts: readonly Part[]): void {
  for (const { renamed, shown, first } of parts) {
    const [remark] = renamed;
    if (remark === undefined) continue;
    throw unlike(
      `In ${shown}, ${remark.what}: ${remark.why}. Files with other columns can't be read as one table with it.`,
      { file: first },
      "Give each column a name of its own.",
    );
  }
}

/** Every column's name once, in the order of the files. */
function namesOfAll(parts: readonly Part[]): readonly string[] {
  const names = [...new Set(parts.flatMap(({ columns }) => columns.map(({ name }) => name)))];
  const [same] = sameNames(names);
  if (same === undefined) return names;
  const placeOf = (name: string) => parts.find((part) => typeIn(part, name) !== undefined)?.shown ?? "";
  const [one, other] = same;
  throw unlike(
    `The columns ${one} (in ${placeOf(one)}) and ${other} (in ${placeOf(other)}) differ only in case, and names of columns ignore it.`,
    { columns: [one, other] },
    "Write the column under one name in all files.",
  );
}

async function columnOfAll(duck: Duck, name: string, parts: readonly Part[]): Promise<TableColumn> {
  const unfit = parts.flatMap(({ columns }) => columns.find((column) => column.name === name)?.unfit ?? []);
  const [first] = unfit;
  if (first === undefined) return { name, type: await typeOfAll(duck, name, parts) };
  return {
    name,
    type: "DOUBLE",
    unfit: { problem: first.problem, rows: unfit.reduce((sum, { rows }) => sum + rows, 0) },
  };
}

async function typeOfAll(duck: Duck, name: string, parts: readonly Part[]): Promise<string> {
  const having = parts.filter((part) => typeIn(part, name) !== undefined);
  const typesOf = (some: readonly Part[]) => some.map((part) => typeIn(part, name) ?? "");
  const any = widenedType(typesOf(having));
  // A column without a value says nothing by its type: writers choose one.
  const filled = any === null ? await partsWithValues(duck, name, having) : having;
  const type = any ?? (filled.length === 0 ? typeIn(having[0], name) : widenedType(typesOf(filled)));
  const listed = filled.map((part) => `${typeIn(part, name)} in ${part.shown}`).join(", ");
  if (type === undefined || type === null) {
    throw unlike(
      `The column ${name} has types that no type holds together: ${listed}.`,
      { column: name, files: filled.map(({ first }) => first) },
      oneType,
    );
  }
  for (const part of filled) await refuseLoss(duck, { name, type, part, listed });
  return type;
}

const oneType = "Write the column with one type in all files.";

async function partsWithValues(duck: Duck, name: string, parts: readonly Part[]): Promise<readonly Part[]> {
  const filled: Part[] = [];
  for (const part of parts) {
    const row = await duck.row(`SELECT count(${identifier(name)}) AS n FROM ${parquetSql(...part.files)}`);
    if (count(row.n) > 0) filled.push(part);
  }
  return filled;
}

async function refuseLoss(
  duck: Duck,
  it: { readonly name: string; readonly type: string; readonly part: Part; readonly listed: string },
): Promise<void> {
  const { name, type, part } = it;
  const loss = lossSql(typeIn(part, name) ?? type, type, identifier(name));
  if (loss === null) return;
  const lostIn = async (files: readonly string[]) =>
    count((await duck.row(`SELECT count(*) FILTER (${loss}) AS n FROM ${parquetSql(...files)}`)).n);
  const lost = await lostIn(part.files);
  if (lost === 0) return;
  let file = part.first;
  for (const one of part.files) {
    file = one;
    if ((await lostIn([one])) > 0) break;
  }
  throw unlike(
    `The column ${name} is ${it.listed}: as ${type}, ${lost} value${lost === 1 ? "" : "s"} would change, the first of them in ${file}.`,
    { column: name, file, count: lost },
    oneType,
  );
}

/** The part's column in the type of all. */
function castIn(part: Part, { name, type, unfit }: TableColumn): string {
  const own = typeIn(part, name);
  const column = identifier(name);
  if (unfit !== undefined) return `NULL::${type} AS ${column}`;
  if (own === type) return column;
  // Without a value, it may have a type that can't be cast.
  const value = own === undefined || widenedType([own, type]) === null ? "NULL" : column;
  return `CAST(${value} AS ${type}) AS ${column}`;
}

function typeIn(part: Part | undefined, name: string): string | undefined {
  return part?.columns.find((column) => column.name === name)?.type;
}

function cutRemarks({ cut, shown }: Part): readonly TableRemark[] {
  return cut.map(({ what, why }) => ({ what: `in ${shown}, ${what}`, why }));
}

function missingRemark(name: string, parts: readonly Part[]): readonly TableRemark[] {
  const without = parts.filter((part) => typeIn(part, name) === undefined);
  if (without.length === 0) return [];
  const where = without.map(({ shown }) => shown).join(", ");
  return [{ what: `${name} has no value in the rows of ${where}`, why: "the column is missing there" }];
}

function unlike(message: string, details: ErrorDetails, hint: string): AppError {
  return new AppError({ code: "splits/master-unreadable", message, hint, details });
}
