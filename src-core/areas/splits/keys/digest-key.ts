import type { ColumnType } from "../../../contract/configs/data-contract.ts";
import { keyTextSql } from "./membership.ts";

/** A column of the digest: its type in the contract, and the SQL that reads it. */
export interface DigestedColumn {
  readonly type: ColumnType;
  readonly sql: string;
}

/** Whether the values of a type have one text form in every table format. */
export function canBeDigested(type: ColumnType): boolean {
  return type !== "struct" && type !== "list";
}

/**
 * The digest that identifies a row: the first 32 hexadecimal digits of the sha256 of its values, in the order of the
 * columns. A value is its length in bytes, `:` and its text in UTF-8; a missing one, an empty text and NaN are `-`, because
 * table formats don't distinguish them alike. Texts are those of a key; a float is written with 17 significant digits, as C's
 * `%.16e` does, negative zero as zero. A 32-bit float counts as the shortest number that names it, as text files hold it.
 */
export function rowDigestSql(columns: readonly DigestedColumn[]): string {
  const parts = columns.map((column) => {
    const text = textSql(column);
    return `CASE WHEN (${text}) IS NULL OR (${text}) = '' THEN '-' ELSE strlen(${text}) || ':' || (${text}) END`;
  });
  return `left(sha256(${parts.join(" || ")}), 32)`;
}

function textSql({ type, sql }: DigestedColumn): string {
  if (type !== "float") {
    const text = keyTextSql(type, sql);
    if (text === null) throw new Error(`A ${type} has no text form.`);
    // A null is no truth value, but CASE would make one of it.
    return type === "bool" ? `CASE WHEN (${sql}) IS NOT NULL THEN ${text} END` : text;
  }
  const value = `TRY_CAST((${sql})::VARCHAR AS DOUBLE)`;
  return `CASE WHEN NOT isnan(${value}) THEN printf('%.16e', ${value} + 0) END`;
}
