import { batches } from "../../../foundation/duck/batches.ts";
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
  const texts = columns.filter(({ type }) => type === "string").map(({ name }) => name);
  for (const name of await withSpellings(duck, texts)) {
    const value = identifier(name);
    const [row] = await duck.rows(
      `SELECT count(*) OVER () AS groups, one, other FROM (
         SELECT min(v) AS one, max(v) AS other FROM (SELECT DISTINCT ${value} AS v FROM ${typedView} WHERE ${value} IS NOT NULL)
         GROUP BY ${alikeSql("v")} HAVING count(*) > 1) ORDER BY one LIMIT 1`,
    );
    if (row !== undefined)
      found.push({ column: name, example: [String(row.one), String(row.other)], values: count(row.groups) });
  }
  return found;
}

/** A letter in another case, spaces around, or the form of Unicode. */
const alikeSql = (value: string) => `lower(trim(nfc_normalize(${value})))`;

/** The columns with more values than a person tells apart. */
async function withSpellings(duck: Duck, names: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const batch of batches(names, 40)) {
    const facts = batch.map((name, index) => {
      const value = identifier(name);
      return `count(DISTINCT ${value}) > count(DISTINCT ${alikeSql(value)}) AS more_${index}`;
    });
    const row = await duck.row(`SELECT ${facts.join(", ")} FROM ${typedView}`);
    found.push(...batch.filter((_, index) => row[`more_${index}`] === true));
  }
  return found;
}
