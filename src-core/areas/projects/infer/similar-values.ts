import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { typedView } from "./gather-profile.ts";
import type { ColumnProfile } from "./profile.ts";

/** Values of a column that a person reads as one. */
export interface SimilarValues {
  readonly column: string;
  /** Two of them, as they are written. */
  readonly example: readonly [string, string];
  /** How many values have another spelling. */
  readonly values: number;
}

/** Finds strings of these columns that differ only in case, in spaces around them, or in the form of Unicode (`é` as one character or two). */
export async function findSimilarValues(
  duck: Duck,
  columns: readonly ColumnProfile[],
): Promise<readonly SimilarValues[]> {
  const found: SimilarValues[] = [];
  for (const { name } of columns.filter(({ type }) => type === "string")) {
    const value = identifier(name);
    const [row] = await duck.rows(
      `SELECT count(*) OVER () AS groups, one, other FROM (
         SELECT min(v) AS one, max(v) AS other FROM (SELECT DISTINCT ${value} AS v FROM ${typedView} WHERE ${value} IS NOT NULL)
         GROUP BY lower(trim(nfc_normalize(v))) HAVING count(*) > 1) ORDER BY one LIMIT 1`,
    );
    if (row !== undefined)
      found.push({ column: name, example: [String(row.one), String(row.other)], values: count(row.groups) });
  }
  return found;
}
