import { batches } from "../../../foundation/duck/batches.ts";
import { castTo } from "../../../foundation/duck/column-types.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import type { TableColumn } from "../../../foundation/duck/table-columns.ts";
import { typeFamily } from "../../../foundation/duck/type-family.ts";

interface WholeNumbers {
  /** Columns of another type than whole numbers whose every value is one: codes, identifiers, counts. */
  readonly whole: ReadonlySet<string>;
  /** Decimals that are whole numbers, and how many of them are beyond 64 bits. */
  readonly beyond: ReadonlyMap<string, number>;
}

/** Columns that are read at a time: planning grows faster than the number of expressions. */
const together = 40;

/**
 * Finds columns of floats and decimals that only hold whole numbers. Databases export their numbers as DECIMAL, and a data frame
 * with a missing value stores whole numbers as DOUBLE: what they mean doesn't depend on that.
 */
export async function findWholeNumbers(
  duck: Duck,
  columns: readonly TableColumn[],
  relation: string,
): Promise<WholeNumbers> {
  const whole = new Set<string>();
  const beyond = new Map<string, number>();
  const tried = columns.filter(({ type }) => /^(float|decimal)$/.test(typeFamily(type)));
  for (const batch of batches(tried, together)) {
    const counts = batch.flatMap(({ name, type }, index) => {
      const column = identifier(name);
      const cast = castTo("int", type, column);
      const bad = cast.kind === "cast" && cast.bad !== null ? cast.bad : "false";
      const isNumber = typeFamily(type) === "float" ? `NOT isnan(${column})` : "true";
      return [
        `count(${column}) FILTER (${isNumber}) AS filled_${index}`,
        `count(*) FILTER (${bad}) AS bad_${index}`,
        `count(*) FILTER (${column} <> trunc(${column})) AS parts_${index}`,
      ];
    });
    const row = await duck.row(`SELECT ${counts.join(", ")} FROM ${relation}`);
    for (const [index, { name, type }] of batch.entries()) {
      const bad = count(row[`bad_${index}`]);
      if (count(row[`filled_${index}`]) === 0) continue;
      if (bad === 0) whole.add(name);
      else if (typeFamily(type) === "decimal" && count(row[`parts_${index}`]) === 0) beyond.set(name, bad);
    }
  }
  return { whole, beyond };
}
