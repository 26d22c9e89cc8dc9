import type { TableRemark } from "./table-columns.ts";

/** Condition that a number is beyond ±2^53, where a double no longer holds every whole number; null for a null. */
export function beyondDouble(sql: string): string {
  return `(${sql} NOT BETWEEN -9007199254740992 AND 9007199254740992)`;
}

/**
 * Condition that the DOUBLE `value` of a decimal number `text` doesn't keep its digits: not all of those that mean something, at most 17, come
 * back. A double keeps any 15 digits, and 17 tell it from its neighbours (IEEE 754).
 */
export function isRoundedSql(text: string, value: string): string {
  const digits = significant(text);
  // Most values are short, or written by a program with the fewest digits that mean them: those cost no comparison of digits.
  return `CASE WHEN ${text} IS NULL OR length(${text}) <= 16 OR ${value}::VARCHAR = ${text} OR length(${digits}) <= 15 THEN false
    WHEN length(${digits}) <= 17 THEN ${digits} NOT IN (${significant(`format('{:.15e}', ${value})`)}, ${significant(`format('{:.16e}', ${value})`)})
    ELSE true END`;
}

/** The digits from the first to the last that isn't 0. */
function significant(text: string): string {
  return `trim(regexp_replace(split_part(lower(${text}), 'e', 1), '[^0-9]', '', 'g'), '0')`;
}

/** What is said of a column with such values. `example` is one of them, with its key where there is one. */
export function roundedRemark(
  column: string,
  { values, example }: { readonly values: number; readonly example: string },
): TableRemark {
  const some = values === 1 ? "1 value has" : `${values} values have`;
  return {
    what: `${column} is rounded`,
    why: `${some} more digits than a 64-bit float keeps (such as ${example})`,
  };
}
