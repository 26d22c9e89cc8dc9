import { identifier, literal } from "./quote.ts";
import type { TableColumn } from "./table-columns.ts";

/** The structure of JSON values: a type's name, a list of one element, or an object by its keys. */
export type JsonShape = string | readonly JsonShape[] | ObjectShape;
export interface ObjectShape {
  readonly [key: string]: JsonShape;
}

/** A value that isn't an object or a list, where it is in each line. */
export interface JsonLeaf {
  /** Keys from the line's object down to the value, or to the list that contains it. */
  readonly path: readonly string[];
  readonly type: string;
  readonly isInList: boolean;
}

export const isWholeType = (type: string): boolean => /^U?(BIGINT|HUGEINT)$/.test(type);

export function isObjectShape(shape: JsonShape): shape is ObjectShape {
  return typeof shape === "object" && !Array.isArray(shape);
}

export function leavesOf(shape: JsonShape, above: readonly string[] = [], isInList = false): readonly JsonLeaf[] {
  if (typeof shape === "string") return [{ path: above, type: shape, isInList }];
  if (!isObjectShape(shape)) return shape.flatMap((element) => leavesOf(element, above, true));
  return Object.entries(shape).flatMap(([key, inner]) => leavesOf(inner, isInList ? above : [...above, key], isInList));
}

/** A leaf's place, as a string to find it by. */
export function placeOf(path: readonly string[], isInList: boolean): string {
  return JSON.stringify([...path, isInList]);
}

/** The columns, with whole numbers as BIGINT and strings as strings; `types` has another type for some places. */
export function columnsOfShape(shape: ObjectShape, types: ReadonlyMap<string, string>): readonly TableColumn[] {
  return Object.entries(shape).map(([name, inner]) => ({ name, type: typeOf(inner, { path: [name], types }) }));
}

interface At {
  readonly path: readonly string[];
  readonly types: ReadonlyMap<string, string>;
  readonly isInList?: boolean;
}

function typeOf(shape: JsonShape, at: At): string {
  const { path, types, isInList = false } = at;
  if (typeof shape === "string") return types.get(placeOf(path, isInList)) ?? leafType(shape);
  if (!isObjectShape(shape)) return `${typeOf(shape[0] ?? "JSON", { ...at, isInList: true })}[]`;
  const fields = Object.entries(shape).map(
    ([key, inner]) => `${identifier(key)} ${typeOf(inner, isInList ? at : { ...at, path: [...path, key] })}`,
  );
  return `STRUCT(${fields.join(", ")})`;
}

/** DuckDB takes strings that look like times or identifiers for such. */
function leafType(type: string): string {
  if (isWholeType(type)) return "BIGINT";
  return /^(DATE|TIME|UUID)/.test(type) ? "VARCHAR" : type;
}

/** SQL for a pointer (RFC 6901) to a path. */
export function pointerSql(path: readonly string[]): string {
  return literal(path.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""));
}
