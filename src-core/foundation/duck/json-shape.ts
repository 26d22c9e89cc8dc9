import { identifier, literal } from "./quote.ts";
import { sameNames, type TableColumn } from "./table-columns.ts";

/** What `json_group_structure` answers: a type's name, a list of one element, or an object by its keys. */
export type JsonShape = string | readonly JsonShape[] | { readonly [key: string]: JsonShape };

/** A value that isn't an object or a list, where it is in each line. */
export interface JsonLeaf {
  /** Keys from the line's object down to the value, or to the list that contains it. */
  readonly path: readonly string[];
  readonly type: string;
  readonly isInList: boolean;
}

export const isWholeType = (type: string): boolean => /^U?(BIGINT|HUGEINT)$/.test(type);

/** @throws if it is no such shape */
export function parseShape(text: string): JsonShape {
  const shape: unknown = JSON.parse(text);
  if (isShape(shape)) return shape;
  throw new Error(`Not a structure of JSON: ${text.slice(0, 200)}`);
}

function isShape(value: unknown): value is JsonShape {
  if (typeof value === "string") return true;
  return typeof value === "object" && value !== null && Object.values(value).every(isShape);
}

export function isObjectShape(shape: JsonShape): shape is { readonly [key: string]: JsonShape } {
  return typeof shape === "object" && !Array.isArray(shape);
}

/** Keys of one object that differ only in case, as dotted paths. */
export function sameKeys(shape: JsonShape, above: readonly string[] = []): readonly (readonly [string, string])[] {
  if (typeof shape === "string") return [];
  if (!isObjectShape(shape)) return shape.flatMap((element) => sameKeys(element, above));
  const path = (key: string) => [...above, key].join(".");
  return [
    ...sameNames(Object.keys(shape)).map(([one, other]) => [path(one), path(other)] as const),
    ...Object.entries(shape).flatMap(([key, inner]) => sameKeys(inner, [...above, key])),
  ];
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

/** The columns, with whole numbers as BIGINT and strings as they are; `types` has another type for some places. */
export function columnsOfShape(
  shape: { readonly [key: string]: JsonShape },
  types: ReadonlyMap<string, string>,
): readonly TableColumn[] {
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
  if (!isObjectShape(shape)) return `${typeOf(shape[0] ?? "NULL", { ...at, isInList: true })}[]`;
  const fields = Object.entries(shape).map(
    ([key, inner]) => `${identifier(key)} ${typeOf(inner, isInList ? at : { ...at, path: [...path, key] })}`,
  );
  return `STRUCT(${fields.join(", ")})`;
}

function leafType(type: string): string {
  if (isWholeType(type)) return "BIGINT";
  return type === "NULL" ? "JSON" : type;
}

/** SQL for a pointer (RFC 6901) to a path. */
export function pointerSql(path: readonly string[]): string {
  return literal(path.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""));
}
