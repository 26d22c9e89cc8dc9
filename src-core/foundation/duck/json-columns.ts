import { AppError } from "../../contract/errors.ts";
import { exactNumbers, longNumberPattern } from "./json-numbers.ts";
import { columnsOfShape, isObjectShape, leavesOf, parseShape, sameKeys } from "./json-shape.ts";
import type { Duck } from "./open.ts";
import { jsonTextsSql } from "./read-sql.ts";
import type { TableColumn } from "./table-columns.ts";

/**
 * Columns of a JSON Lines table, from all its lines. Strings stay strings, and numbers keep their digits.
 * @throws splits/master-unreadable for lines that aren't objects, and for keys that differ only in case
 */
export async function jsonColumns(duck: Duck, files: readonly string[]): Promise<readonly TableColumn[]> {
  const [file = ""] = files;
  const found = await duck.row(
    `SELECT json_group_structure(json)::VARCHAR AS shape, coalesce(bool_or(regexp_matches(json::VARCHAR, '${longNumberPattern}')), false) AS has_long FROM ${jsonTextsSql(files)}`,
  );
  const shape = found.shape === null ? "NULL" : parseShape(String(found.shape));
  if (!isObjectShape(shape)) throw noObjects(file);
  const [same] = sameKeys(shape);
  if (same !== undefined) throw sameNamed(file, same);
  if (found.has_long !== true) return columnsOfShape(shape, new Map());
  const { types, unfit } = await exactNumbers(duck, files, leavesOf(shape));
  return columnsOfShape(shape, types).map((column) => {
    const values = unfit.get(column.name);
    return values === undefined ? column : { ...column, unfit: values };
  });
}

function noObjects(file: string): AppError {
  return new AppError({
    code: "splits/master-unreadable",
    message: `${file}, line 1: its lines are not all JSON objects, so they have no columns.`,
    hint: "Write one object per line. For one large array: jq -c '.[]' OLD > NEW.jsonl",
    details: { file, line: 1 },
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
