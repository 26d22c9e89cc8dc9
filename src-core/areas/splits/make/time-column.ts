import type { BoundColumn } from "../contract/contract-columns.ts";

/** Years that have a first moment; other whole numbers are no years. */
const years = { first: 1, last: 9_999 };

/** Whether a split can cut by a column of this type: by times, or by whole numbers as years. */
export function isTimeType(type: string | undefined): boolean {
  return type === "timestamp" || type === "int";
}

/** SQL of the moment of a time column: itself, or the first moment of its year in UTC; null if a whole number is no year. */
export function momentOfSql({ sql, contract }: Pick<BoundColumn, "sql" | "contract">): string {
  if (contract.type !== "int") return sql;
  return `(CASE WHEN ${sql} BETWEEN ${years.first} AND ${years.last} THEN make_timestamp((${sql})::BIGINT, 1, 1, 0, 0, 0.0) END)`;
}
