import type { ColumnType } from "../../contract/configs/data-contract.ts";
import { beyondDouble } from "./exact-numbers.ts";
import { isOneOf } from "./quote.ts";
import { nullTexts } from "./table.ts";
import { type TypeFamily, typeFamily } from "./type-family.ts";

/** How a column of the table is converted to the contract's type. */
export type Cast =
  | { readonly kind: "keep" }
  /** `bad` is true for a value that has no counterpart in the type; null if every value has one. */
  | { readonly kind: "cast"; readonly sql: string; readonly bad: string | null }
  | { readonly kind: "mismatch" };

const keep: Cast = { kind: "keep" };
const mismatch: Cast = { kind: "mismatch" };

/** The cast of `column` (an SQL expression of DuckDB type `from`). No value is rounded, truncated or guessed. */
export function castTo(to: ColumnType, from: string, column: string): Cast {
  const family = typeFamily(from);
  switch (to) {
    case "string":
    case "file":
      if (family !== "text") return mismatch;
      return from === "VARCHAR" ? keep : { kind: "cast", sql: `${column}::VARCHAR`, bad: null };
    case "int":
      return castToInt(family, from, column);
    case "float":
      if (family === "float") return keep;
      if (family === "int" || family === "decimal")
        return { kind: "cast", sql: `${column}::DOUBLE`, bad: beyondDouble(column) };
      return family === "text" ? fromText(column, (text) => `TRY_CAST(${text} AS DOUBLE)`) : mismatch;
    case "bool":
      return castToBool(family, column);
    case "timestamp":
      return castToTimestamp(family, from, column);
    case "struct":
    case "list":
      return family === to ? keep : mismatch;
  }
}

function castToInt(family: TypeFamily, from: string, column: string): Cast {
  if (family === "int" && !/HUGE|UBIG/.test(from)) return keep;
  if (family === "int") return tried(`TRY_CAST(${column} AS BIGINT)`, column);
  if (family === "float" || family === "decimal") {
    return tried(`CASE WHEN ${column} = trunc(${column}) THEN TRY_CAST(${column} AS BIGINT) END`, column);
  }
  if (family !== "text") return mismatch;
  // A plain cast would round "1.5"; "7.0" is how pandas writes an integer column that has nulls.
  return fromText(
    column,
    (text) => `CASE WHEN regexp_full_match(${text}, '[+-]?[0-9]+(\\.0*)?') THEN TRY_CAST(${text} AS BIGINT) END`,
  );
}

const trueTexts = ["true", "t", "yes", "y", "1"];
const falseTexts = ["false", "f", "no", "n", "0"];

function castToBool(family: TypeFamily, column: string): Cast {
  if (family === "bool") return keep;
  if (family === "int") return tried(`CASE ${column} WHEN 1 THEN true WHEN 0 THEN false END`, column);
  if (family !== "text") return mismatch;
  return fromText(
    column,
    (text) =>
      `CASE WHEN ${isOneOf(`lower(${text})`, trueTexts)} THEN true WHEN ${isOneOf(`lower(${text})`, falseTexts)} THEN false END`,
  );
}

function castToTimestamp(family: TypeFamily, from: string, column: string): Cast {
  if (from === "TIMESTAMP") return keep;
  if (from === "TIMESTAMP_NS") {
    // The cast truncates; a time finer than a microsecond is reported as bad instead.
    return { kind: "cast", sql: `${column}::TIMESTAMP`, bad: `epoch_ns(${column}) % 1000 <> 0` };
  }
  if (family === "timestamp") return { kind: "cast", sql: `${column}::TIMESTAMP`, bad: null };
  return family === "text" ? textToTimestamp(column) : mismatch;
}

/** The cast truncates; a time finer than a microsecond is reported as bad instead. So is a word that DuckDB reads as a time (`now`). */
function textToTimestamp(column: string): Cast {
  const cast = fromText(
    column,
    (text) => `CASE WHEN regexp_matches(${text}, '^[+-]?[0-9]') THEN TRY_CAST(${text} AS TIMESTAMPTZ)::TIMESTAMP END`,
  );
  return cast.kind === "cast" ? { ...cast, bad: `(${cast.bad}) OR ${isFinerThanMicroseconds(column)}` } : cast;
}

/** Condition that the string of a time has digits other than 0 after the sixth of its fraction. */
function isFinerThanMicroseconds(column: string): string {
  return `coalesce(regexp_matches(${column}::VARCHAR, '[0-9][.][0-9]{6}[0-9]*[1-9]'), false)`;
}

function tried(sql: string, column: string): Cast {
  return { kind: "cast", sql, bad: `${column} IS NOT NULL AND (${sql}) IS NULL` };
}

function fromText(column: string, cast: (text: string) => string): Cast {
  const text = `trim(${column}::VARCHAR)`;
  const isNull = `${column} IS NULL OR ${isOneOf(`lower(${text})`, nullTexts)}`;
  const value = cast(text);
  return {
    kind: "cast",
    sql: `CASE WHEN ${isNull} THEN NULL ELSE ${value} END`,
    bad: `NOT (${isNull}) AND (${value}) IS NULL`,
  };
}
