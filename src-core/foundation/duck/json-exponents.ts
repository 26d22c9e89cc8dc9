import { type JsonLeaf, leavesOf, type ObjectShape, pointerSql } from "./json-shape.ts";
import { count, type Duck } from "./open.ts";
import { literal } from "./quote.ts";
import { jsonTextsSql } from "./read-sql.ts";
import type { UnfitValues } from "./table-columns.ts";

/** A number with an exponent of three digits: the only ones that may be beyond a float. Infinity in words isn't one. */
export const largeExponentPattern = "[0-9][eE][+-]?[0-9]{3,}";

/**
 * Columns with numbers that a 64-bit float holds only as infinite or as 0, though they are written as neither; in CSV files and in
 * strings such numbers stay text.
 */
export async function beyondFloats(
  duck: Duck,
  files: readonly string[],
  shape: ObjectShape,
): Promise<ReadonlyMap<string, UnfitValues>> {
  const numbers = leavesOf(shape).filter(({ type, isInList }) => type === "DOUBLE" && !isInList);
  const unfit = new Map<string, UnfitValues>();
  if (numbers.length === 0) return unfit;
  const pointers = numbers.map(({ path }) => pointerSql(path)).join(", ");
  const lines = `(SELECT row_number() OVER () AS line, json::VARCHAR AS json, json_extract_string(json, [${pointers}]) AS texts
    FROM ${jsonTextsSql(files)} WHERE regexp_matches(json::VARCHAR, '${largeExponentPattern}'))`;
  const counts = numbers.map((leaf, index) => {
    const text = `texts[${index + 1}]`;
    return `count(*) FILTER (${isUnheld(leaf, text)}) AS unheld_${index}, min(${text}) FILTER (${isUnheld(leaf, text)}) AS text_${index}`;
  });
  const row = await duck.row(`SELECT ${counts.join(", ")} FROM ${lines}`);
  for (const [index, { path }] of numbers.entries()) {
    const rows = count(row[`unheld_${index}`]);
    const [column = ""] = path;
    if (rows === 0 || unfit.has(column)) continue;
    const where = path.length > 1 ? ` in ${path.join(".")}` : "";
    unfit.set(column, {
      rows,
      problem: `beyond what a 64-bit float holds${where} (it would become ${String(row[`text_${index}`]).startsWith("0") ? "0" : "infinite"}); correct them, or write them as null`,
    });
  }
  return unfit;
}

/** DuckDB gives an infinite number as it is written, and one too near to 0 as `0.0`: what that was is in the line. */
function isUnheld({ path }: JsonLeaf, text: string): string {
  const key = JSON.stringify(path.at(-1)).replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const tiny = `${key}[ \\t]*:[ \\t]*-?[0-9.]*[1-9][0-9.]*[eE]-[0-9]{3,}`;
  return `CASE WHEN ${text} IN ('0.0', '-0.0') THEN regexp_matches(json, ${literal(tiny)})
    ELSE regexp_matches(${text}, '[0-9]') AND isinf(TRY_CAST(${text} AS DOUBLE)) END`;
}
