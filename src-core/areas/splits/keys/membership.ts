import type { ColumnType } from "../../../contract/configs/data-contract.ts";
import { literal } from "../../../foundation/duck/quote.ts";

/** Separates salt and key parts. No part may contain it, so two keys never give the same string. */
export const separator = "\u001f";

/**
 * The first 8 hexadecimal digits from which on a hash isn't on the test side: floor(basis points · 2³² / 10000).
 * Basis points 1–9999 give at most 8 digits.
 */
export function thresholdHex(basisPoints: number): string {
  if (!Number.isInteger(basisPoints) || basisPoints < 1 || basisPoints > 9_999) {
    throw new RangeError(`Basis points must be a whole number from 1 to 9999, not ${basisPoints}`);
  }
  return ((BigInt(basisPoints) << 32n) / 10_000n).toString(16).padStart(8, "0");
}

/** The canonical text of a key column, or null if its type can't be part of a key. */
export function keyTextSql(type: ColumnType, sql: string): string | null {
  switch (type) {
    case "string":
    case "file":
      return sql;
    case "int":
      return `(${sql})::VARCHAR`;
    case "bool":
      return `CASE WHEN ${sql} THEN 'true' ELSE 'false' END`;
    case "timestamp":
      return `strftime(${sql}, '%Y-%m-%dT%H:%M:%S.%fZ')`;
    case "float":
    case "struct":
    case "list":
      return null;
  }
}

export function joinKeySql(parts: readonly string[]): string {
  return parts.join(" || chr(31) || ");
}

/**
 * True for keys on the test side: u = first 8 hex digits of md5(salt ‖ U+001F ‖ key) as an unsigned number,
 * u < floor(basis points · 2³² / 10000). Fixed-width lower-case hex strings compare like the numbers.
 */
export function isTestSql(salt: string, keySql: string, basisPoints: number): string {
  return `left(md5(${literal(salt)} || chr(31) || ${keySql}), 8) < ${literal(thresholdHex(basisPoints))}`;
}
