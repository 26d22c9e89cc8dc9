import type { ColumnType } from "../../contract/configs/data-contract.ts";
import { beyondDouble } from "./exact-numbers.ts";
import { exactWhole, floatOfTextSql, intOfTextSql } from "./number-texts.ts";
import { isOneOf } from "./quote.ts";
import { isFinerThanMicrosecondsSql, timeOfGoodTextSql, timeOfTextSql } from "./time-texts.ts";
import { type TypeFamily, typeFamily } from "./type-family.ts";

/** SQL of a column's strings; null if it has none. */
export function stringsOf(type: string, column: string): string | null {
  if (type === "JSON") return jsonText(column).text;
  return typeFamily(type) === "text" ? `${column}::VARCHAR` : null;
}

/** How a column of the table is converted to the contract's type. */
export type Cast =
  | { readonly kind: "keep" }
  /** `bad` is true for a value that has no counterpart in the type; null if every value has one. `sql` is meant for the others. */
  | {
      readonly kind: "cast";
      readonly sql: string;
      readonly bad: string | null;
      /** True for those of the bad ones that are times finer than a microsecond. */
      readonly finer?: string;
    }
  | { readonly kind: "mismatch" };

const keep: Cast = { kind: "keep" };
const mismatch: Cast = { kind: "mismatch" };

/**
 * The cast of `column` (an SQL expression of DuckDB type `from`). No value is rounded, truncated or guessed. Strings of `missing` are
 * read as null; so is an empty string where another type is read from strings.
 */
export function castTo(to: ColumnType, from: string, column: string, missing: readonly string[] = []): Cast {
  if (from === "JSON") return castFromJson(to, column, missing);
  const family = typeFamily(from);
  const source: TextSource = { column, missing };
  switch (to) {
    case "string":
    case "file":
      if (family !== "text") return mismatch;
      return castToString(from, source);
    case "int":
      return castToInt(family, from, source);
    case "float":
      if (family === "float") return keep;
      if (family === "int" || family === "decimal")
        return { kind: "cast", sql: `${nearestText(from, column)}::DOUBLE`, bad: beyondDouble(column) };
      return family === "text" ? fromText(source, floatOfTextSql, (text) => `TRY_CAST(${text} AS DOUBLE)`) : mismatch;
    case "bool":
      return castToBool(family, source);
    case "timestamp":
      return castToTimestamp(family, from, source);
    case "struct":
    case "list":
      return family === to ? keep : mismatch;
  }
}

/** Of a decimal with more digits than a double has, DuckDB rounds twice; read from its text, it becomes the nearest double. */
function nearestText(from: string, column: string): string {
  const digits = Number(/^DECIMAL\((\d+),/.exec(from)?.[1] ?? 0);
  return digits > 15 ? `${column}::VARCHAR` : column;
}

/** A JSON value as the string that it is or is written as, and the condition that it is an object or a list. */
export function jsonText(column: string): { readonly text: string; readonly nested: string } {
  return { text: `(${column} ->> '$')`, nested: `coalesce(json_type(${column}) IN ('OBJECT', 'ARRAY'), false)` };
}

/** JSON has values of several types in one column: a number here, "NA" there. They are read as strings are. */
function castFromJson(to: ColumnType, column: string, missing: readonly string[]): Cast {
  const { text, nested } = jsonText(column);
  const cast = castTo(to, "VARCHAR", text, missing);
  if (cast.kind === "mismatch") return mismatch;
  if (cast.kind === "keep") return { kind: "cast", sql: text, bad: nested };
  return { kind: "cast", sql: cast.sql, bad: cast.bad === null ? nested : `${nested} OR (${cast.bad})` };
}

interface TextSource {
  readonly column: string;
  readonly missing: readonly string[];
}

function castToString(from: string, { column, missing }: TextSource): Cast {
  const value = from === "VARCHAR" ? column : `${column}::VARCHAR`;
  if (missing.length > 0)
    return { kind: "cast", sql: `CASE WHEN NOT ${isOneOf(`trim(${value})`, missing)} THEN ${value} END`, bad: null };
  return from === "VARCHAR" ? keep : { kind: "cast", sql: value, bad: null };
}

/** Whole numbers up to which a FLOAT holds every one: 2^24. */
const exactWholeFloat = "16777216";

function castToInt(family: TypeFamily, from: string, source: TextSource): Cast {
  const { column } = source;
  if (family === "int" && !/HUGE|UBIG/.test(from)) return keep;
  if (family === "int") return tried(`TRY_CAST(${column} AS BIGINT)`, column);
  if (family === "decimal")
    return tried(`CASE WHEN ${column} = trunc(${column}) THEN TRY_CAST(${column} AS BIGINT) END`, column);
  if (family === "float") {
    // Beyond, several whole numbers are the same float: an identifier no longer names one thing.
    const isExact = `abs(${column}) <= ${/DOUBLE/.test(from) ? exactWhole : exactWholeFloat}`;
    const sql = `CASE WHEN ${column} = trunc(${column}) AND ${isExact} THEN TRY_CAST(${column} AS BIGINT) END`;
    return { kind: "cast", sql, bad: `${column} IS NOT NULL AND NOT isnan(${column}) AND (${sql}) IS NULL` };
  }
  return family === "text" ? fromText(source, intOfTextSql, (text) => `TRY_CAST(${text} AS BIGINT)`) : mismatch;
}

const trueTexts = ["true", "t", "yes", "y", "1"];
const falseTexts = ["false", "f", "no", "n", "0"];

function castToBool(family: TypeFamily, source: TextSource): Cast {
  const { column } = source;
  if (family === "bool") return keep;
  if (family === "int") return tried(`CASE ${column} WHEN 1 THEN true WHEN 0 THEN false END`, column);
  if (family !== "text") return mismatch;
  return fromText(
    source,
    (text) =>
      `CASE WHEN ${isOneOf(`lower(${text})`, trueTexts)} THEN true WHEN ${isOneOf(`lower(${text})`, falseTexts)} THEN false END`,
  );
}

function castToTimestamp(family: TypeFamily, from: string, source: TextSource): Cast {
  const { column } = source;
  if (from === "TIMESTAMP") return keep;
  if (from === "TIMESTAMP_NS") {
    // The cast truncates; a time finer than a microsecond is reported as bad instead.
    const finer = `epoch_ns(${column}) % 1000 <> 0`;
    return { kind: "cast", sql: `${column}::TIMESTAMP`, bad: finer, finer };
  }
  if (family === "timestamp") return { kind: "cast", sql: `${column}::TIMESTAMP`, bad: null };
  return family === "text" ? textToTimestamp(source) : mismatch;
}

/** The cast truncates; a time finer than a microsecond is reported as bad instead. */
function textToTimestamp(source: TextSource): Cast {
  const cast = fromText(source, timeOfTextSql, timeOfGoodTextSql);
  const isFiner = `coalesce(${isFinerThanMicrosecondsSql(`${source.column}::VARCHAR`)}, false)`;
  return cast.kind === "cast" ? { ...cast, bad: `(${cast.bad}) OR ${isFiner}`, finer: isFiner } : cast;
}

function tried(sql: string, column: string): Cast {
  return { kind: "cast", sql, bad: `${column} IS NOT NULL AND (${sql}) IS NULL` };
}

/** `cast` is null for a string that isn't such a value; `quick` is a cheaper SQL with the same result for the strings that are. */
function fromText({ column, missing }: TextSource, cast: (text: string) => string, quick = cast): Cast {
  const text = `trim(${column}::VARCHAR)`;
  const isNull = `${column} IS NULL OR ${isOneOf(text, ["", ...missing])}`;
  return {
    kind: "cast",
    sql: `CASE WHEN ${isNull} THEN NULL ELSE ${quick(text)} END`,
    bad: `NOT (${isNull}) AND (${cast(text)}) IS NULL`,
  };
}
