import type { ColumnType } from "../../../contract/configs/data-contract.ts";
import type { TableRemark } from "../../../foundation/duck/table-columns.ts";

import type { CountedText } from "./missing-markers.ts";

/** What init knows of a table after reading every row; all later decisions are based on this alone. */

export interface ValueCount {
  readonly value: string | number | boolean;
  readonly rows: number;
}

export interface ColumnProfile {
  readonly name: string;
  /** DuckDB's type in the file: "VARCHAR", "BIGINT". */
  readonly sourceType: string;
  /** Contract type; null for a type that no contract has (BLOB, TIME, INTERVAL, MAP). */
  readonly type: ColumnType | null;
  /** Why no contract type holds the values, if the type in the file isn't the only reason; null otherwise. */
  readonly unfit: string | null;
  /** True for a column stored as strings that all read as another type; false in a CSV file, where every column is text. */
  readonly isFromText: boolean;
  /** Whole numbers from strings, some written as `7.0` and some as `7`: as a key, those would be two codes. */
  readonly isMixedSpelling: boolean;
  readonly rows: number;
  /** Nulls, NaN, and the strings of `missing`. */
  readonly nulls: number;
  /** Strings that are read as null. */
  readonly missing: readonly CountedText[];
  /** Strings of a target that could mean "no value" but are classes, and why; null for any other column. */
  readonly classMarkers: { readonly texts: readonly CountedText[]; readonly reason: string } | null;
  /** Why strings that look like numbers aren't numbers; null for any other column. */
  readonly notNumber: string | null;
  readonly distinct: number;
  /** Infinite values of a float column. */
  readonly infinite: number;
  /** Numbers unchanged (beyond 2^53 as a string of digits), timestamps as ISO strings; null for other types. */
  readonly min: number | string | null;
  readonly max: number | string | null;
  /** Every value with its number of rows, most frequent first; null above `listedValues` distinct ones. */
  readonly values: readonly ValueCount[] | null;
  /** Words per value: a sentence isn't a category. 0 for other types. */
  readonly meanWords: number;
  /** At least one timestamp has a time of day. */
  readonly hasTimeOfDay: boolean;
  /** Why text that looks like times isn't times; null for any other column. */
  readonly notTime: string | null;
  /** Text of whole numbers, some beyond 64 bits: as a number of a contract they would lose digits. */
  readonly isLongNumber: boolean;
  /** Text that looks like numbers, but with a decimal comma, separated thousands, or a currency or percent sign. */
  readonly isForeignNumber: boolean;
}

export interface TableProfile {
  /** As it was typed. */
  readonly file: string;
  readonly rows: number;
  /** Fewer than `rows` where whole rows repeat. */
  readonly distinctRows: number;
  /** What was changed or skipped in reading it. */
  readonly remarks: readonly TableRemark[];
  readonly columns: readonly ColumnProfile[];
}

/** Number of distinct values up to which they are listed. */
export const listedValues = 50;

export function columnOf(profile: TableProfile, name: string): ColumnProfile | undefined {
  return profile.columns.find((column) => column.name === name);
}

/** Share of the rows that have a value. */
export function filledRows(column: ColumnProfile): number {
  return column.rows - column.nulls;
}

const wholeTypes = /^(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT|UTINYINT|USMALLINT|UINTEGER|UBIGINT|UHUGEINT)$/;
const realTypes = /^(FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/** Contract type of a DuckDB type; null if no contract type holds it. */
export function contractTypeOf(sourceType: string): ColumnType | null {
  if (wholeTypes.test(sourceType)) return "int";
  if (realTypes.test(sourceType)) return "float";
  if (sourceType === "BOOLEAN") return "bool";
  if (sourceType === "DATE" || sourceType.startsWith("TIMESTAMP")) return "timestamp";
  if (/\[\d*\]$/.test(sourceType)) return "list";
  if (sourceType.startsWith("STRUCT")) return "struct";
  if (sourceType === "VARCHAR" || sourceType === "UUID" || sourceType.startsWith("ENUM")) return "string";
  return null;
}
