import { isOneOf } from "./quote.ts";

/**
 * Strings that exporters write where there is no value, in lower case. A number, a time or a truth value can't be any of them; in a
 * column of strings they may be values ("NA" may be Namibia). A data contract lists those of its own columns (`missing`); this list is
 * what `init` looks for.
 */
export const missingTexts: readonly string[] = [
  ...["na", "n/a", "#n/a", "#na", "n.a.", "<na>", "nan", "-nan", "nat", "nil", "none", "undefined"],
  ...["null", "(null)", "<null>", "[null]", "\\n"],
  ...["-", "--", "---", "–", "—", "?", "."],
  ...["#div/0!", "#value!", "#ref!", "#name?", "#num!", "#null!"],
  ...["0000-00-00", "0000-00-00 00:00:00"],
];

/** Condition that a trimmed string is empty or one of them; null for a null. */
export function isMissingTextSql(text: string): string {
  return isOneOf(`lower(${text})`, ["", ...missingTexts]);
}
