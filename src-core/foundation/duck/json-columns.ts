import { AppError } from "../../contract/errors.ts";
import { beyondFloats, largeExponentPattern } from "./json-exponents.ts";
import { sameKeys } from "./json-keys.ts";
import { type ExactNumbers, exactNumbers, longNumberPattern } from "./json-numbers.ts";
import { columnsOfShape } from "./json-shape.ts";
import { count, type Duck } from "./open.ts";
import { jsonTextsSql, sniffedJsonSql } from "./read-sql.ts";
import { columnsOf, type TableColumn } from "./table-columns.ts";
import { shapeOfType } from "./type-shape.ts";

/**
 * Columns of a JSON Lines table, from all its lines. Strings stay strings, and numbers keep their digits.
 * @throws splits/master-unreadable for lines that aren't objects, and for keys that differ only in case
 */
export async function jsonColumns(duck: Duck, files: readonly string[]): Promise<readonly TableColumn[]> {
  const [file = ""] = files;
  const lines = await duck.row(
    `SELECT count(*) AS lines, count(*) FILTER (json_type(json) <> 'OBJECT') AS others,
       coalesce(bool_or(json_exists(json, '/')), false) AS is_nameless,
       coalesce(bool_or(regexp_matches(json::VARCHAR, '${longNumberPattern}')), false) AS has_long,
       coalesce(bool_or(regexp_matches(json::VARCHAR, '${largeExponentPattern}')), false) AS has_exponent FROM ${jsonTextsSql(files)}`,
  );
  if (count(lines.lines) === 0 || count(lines.others) > 0) throw await noObjects(duck, files, count(lines.others));
  const sniffed = await sniffedColumns(duck, files);
  const same = await sameKeys(duck, files, sniffed);
  if (same !== null) throw sameNamed(file, same);
  const found = sniffed ?? [];
  if (lines.is_nameless === true || found.some(hasNamelessField)) throw nameless(file);
  const shape = Object.fromEntries(found.map(({ name, type }) => [name, shapeOfType(type)]));
  const { types, unfit: long } = lines.has_long === true ? await exactNumbers(duck, files, shape) : noLongNumbers;
  const unheld = lines.has_exponent === true ? await beyondFloats(duck, files, shape) : noLongNumbers.unfit;
  const unfit = new Map([...unheld, ...long]);
  const columns = new Map(columnsOfShape(shape, types).map((column) => [column.name, column]));
  // In the order of the file: an object's numeric keys come first.
  return found.map(({ name }) => {
    const column = columns.get(name);
    const values = unfit.get(name);
    if (column === undefined) throw new Error(`No column ${name}.`);
    return values === undefined ? column : { ...column, unfit: values };
  });
}

const noLongNumbers: ExactNumbers = { types: new Map(), unfit: new Map() };

/** A struct with an empty name has no names at all in DuckDB's types. */
function hasNamelessField({ type }: TableColumn): boolean {
  return /STRUCT\((?!"|[^" ,()]+ )/.test(type);
}

function nameless(file: string): AppError {
  return new AppError({
    code: "splits/master-unreadable",
    message: `${file} has objects with an empty key, and no column has an empty name.`,
    hint: "Give the key a name in every line.",
    details: { file },
  });
}

/** Null if objects inside others have keys that DuckDB can't distinguish. */
async function sniffedColumns(duck: Duck, files: readonly string[]): Promise<readonly TableColumn[] | null> {
  try {
    return await columnsOf(duck, sniffedJsonSql(files));
  } catch (error) {
    if (error instanceof Error && error.message.includes("Duplicate name")) return null;
    throw error;
  }
}

async function noObjects(duck: Duck, files: readonly string[], others: number): Promise<AppError> {
  const [file = ""] = files;
  const hint = "Write one object per line. For one large array: jq -c '.[]' OLD > NEW.jsonl";
  const code = "splits/master-unreadable";
  if (others === 0) return new AppError({ code, message: `${file} has no row.`, hint, details: { file } });
  const first = await duck.row(
    `SELECT row, json::VARCHAR AS json FROM (SELECT row_number() OVER () AS row, json FROM ${jsonTextsSql(files)})
     WHERE json_type(json) <> 'OBJECT' ORDER BY row LIMIT 1`,
  );
  const text = String(first.json);
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  const more = others === 1 ? "" : ` (and ${others - 1} more)`;
  return new AppError({
    code,
    message: `${file}, row ${count(first.row)}: \`${shown}\` isn't a JSON object, so it has no columns${more}.`,
    hint,
    details: { file, row: count(first.row), count: others },
  });
}

function sameNamed(file: string, [one, other]: readonly [string, string]): AppError {
  return new AppError({
    code: "splits/master-unreadable",
    message: `${file} has the keys ${one} and ${other}, which differ only in case; names of columns ignore it.`,
    hint: "Rename one of them in every line, or write both as one if they mean the same.",
    details: { file, keys: [one, other] },
  });
}
