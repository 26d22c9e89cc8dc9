import { beyondDouble } from "./exact-numbers.ts";
import {
  columnsOfShape,
  isWholeType,
  type JsonLeaf,
  leavesOf,
  type ObjectShape,
  placeOf,
  pointerSql,
} from "./json-shape.ts";
import { count, type Duck, type DuckRow } from "./open.ts";
import { jsonLinesSql, jsonTextsSql } from "./read-sql.ts";
import { fieldExpression, type UnfitValues } from "./table-columns.ts";

/** A number written with 16 digits or more before a point: the only ones that 64 bits or a double may not hold. */
export const longNumberPattern = "[:\\[,][ \\t]*-?[0-9]{16,}";

export interface ExactNumbers {
  /** Types under which the numbers keep their digits, by place; in the other places any type keeps them. */
  readonly types: ReadonlyMap<string, string>;
  /** Columns that no type keeps: whole numbers too long for a double beside numbers with a point. */
  readonly unfit: ReadonlyMap<string, UnfitValues>;
}

/**
 * Finds types that keep every digit of a JSON file's numbers. DuckDB reads whole numbers beyond 64 bits, and all whole
 * numbers of a column that also has decimal ones, as doubles; as strings, whole numbers keep all their digits.
 */
export async function exactNumbers(duck: Duck, files: readonly string[], shape: ObjectShape): Promise<ExactNumbers> {
  const types = new Map<string, string>();
  const unfit = new Map<string, UnfitValues>();
  const numbers = await longNumbers(duck, files, shape);
  if (numbers.length === 0) return { types, unfit };
  const pointers = numbers.map(({ path }) => pointerSql(path)).join(", ");
  // Of a decimal number, DuckDB has only the double; how it was written is in the line.
  const lines = `(SELECT row_number() OVER () AS line, json_extract_string(json, [${pointers}]) AS texts,
    regexp_matches(json::VARCHAR, '${longNumberPattern}\\.') AS has_long FROM ${jsonTextsSql(files)})`;
  const row = await duck.row(`SELECT ${numbers.map(countsSql).join(", ")} FROM ${lines}`);
  for (const [index, leaf] of numbers.entries()) {
    if (count(row[`lost_${index}`]) === 0) continue;
    types.set(placeOf(leaf.path, leaf.isInList), "VARCHAR");
    const [column = ""] = leaf.path;
    const isText = leaf.isInList ? isWholeType(leaf.type) : count(row[`decimals_${index}`]) === 0;
    if (!isText && !unfit.has(column)) unfit.set(column, unfitValues(leaf, row, index));
  }
  return { types, unfit };
}

/** Places with numbers that may lose digits, found by their size; in lists, all that may have them. */
async function longNumbers(duck: Duck, files: readonly string[], shape: ObjectShape): Promise<readonly JsonLeaf[]> {
  const numbers = leavesOf(shape).filter(({ type }) => type === "DOUBLE" || (isWholeType(type) && type !== "BIGINT"));
  const single = numbers.filter(({ isInList }) => !isInList);
  if (single.length === 0) return numbers;
  const wide = new Map(single.map(({ path, type }) => [placeOf(path, false), type]));
  const counts = single.map(({ path, type }, index) => {
    const value = fieldExpression(path);
    const isLong = type === "DOUBLE" ? `abs(${value}) >= 9007199254740992` : `TRY_CAST(${value} AS BIGINT) IS NULL`;
    return `coalesce(bool_or(${value} IS NOT NULL AND ${isLong}), false) AS long_${index}`;
  });
  const row = await duck.row(`SELECT ${counts.join(", ")} FROM ${jsonLinesSql(files, columnsOfShape(shape, wide))}`);
  const isLong = new Set(single.filter((_, index) => row[`long_${index}`] === true));
  return numbers.filter((leaf) => leaf.isInList || isLong.has(leaf));
}

function countsSql(leaf: JsonLeaf, index: number): string {
  const text = `texts[${index + 1}]`;
  const isLost = `FILTER (${lostSql(leaf, text)})`;
  return `count(*) FILTER (NOT regexp_full_match(${text}, '-?[0-9]+')) AS decimals_${index}, count(*) ${isLost} AS lost_${index},
    min(line) ${isLost} AS line_${index}, arg_min(${text}, line) ${isLost} AS text_${index}`;
}

/** Condition that a number loses digits as a BIGINT or as a double, whichever DuckDB takes. */
function lostSql({ type, isInList }: JsonLeaf, text: string): string {
  // In the text of a list, a number isn't separate from its neighbours: any long one counts.
  if (isInList) return `regexp_matches(${text}, '[:\\[,]-?[0-9]{${isWholeType(type) ? 19 : 16},}[],}]')`;
  if (isWholeType(type)) return `${text} IS NOT NULL AND TRY_CAST(${text} AS BIGINT) IS NULL`;
  return `CASE WHEN regexp_full_match(${text}, '-?[0-9]+') THEN coalesce(${beyondDouble(`TRY_CAST(${text} AS HUGEINT)`)}, true)
    WHEN has_long THEN abs(TRY_CAST(${text} AS DOUBLE)) >= 9007199254740992 END`;
}

function unfitValues({ path, isInList }: JsonLeaf, row: DuckRow, index: number): UnfitValues {
  const rows = count(row[`lost_${index}`]);
  const name = path.join(".");
  const where = path.length > 1 || isInList ? ` in ${name}` : "";
  return {
    rows,
    problem: `beyond 2^53${where}, beside numbers with a decimal point; write them as text if they are identifiers, with fewer digits if they are amounts`,
    first: { name, row: count(row[`line_${index}`]), value: String(row[`text_${index}`]).slice(0, 200) },
  };
}
