import path from "node:path";
import type { DataContract } from "../../../contract/configs/data-contract.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { literal } from "../../../foundation/duck/quote.ts";
import { parquetSql } from "../../../foundation/duck/read-sql.ts";
import { type BoundColumns, requireColumn } from "./contract-columns.ts";

/**
 * Keeps one of the rows that are equal in `subset`: the first or last in the order of `order_by`, then of the whole row's
 * text, so that the order of rows in the file doesn't matter. Nulls count as equal.
 */
export async function deduplicate(
  duck: Duck,
  input: { readonly contract: DataContract; readonly columns: BoundColumns["columns"]; readonly relation: string },
): Promise<{ readonly relation: string; readonly deduplicated: number }> {
  const { relation, columns } = input;
  const rule = input.contract.deduplication;
  if (rule === undefined) return { relation, deduplicated: 0 };
  const sqlOf = (role: string) => (name: string) => requireColumn(columns, name, role).sql;
  const subset = rule.subset.map(sqlOf("deduplication.subset")).join(", ");
  const direction = rule.keep === "first" ? "ASC NULLS LAST" : "DESC NULLS LAST";
  const order = [...(rule.order_by ?? []).map(sqlOf("deduplication.order_by")), "kept_row::VARCHAR"];
  const extra = await duck.row(
    `SELECT coalesce(sum(n - 1), 0)::BIGINT AS rows FROM (SELECT count(*) AS n FROM ${relation} GROUP BY ${subset} HAVING count(*) > 1)`,
  );
  const deduplicated = count(extra.rows);
  if (deduplicated === 0) return { relation, deduplicated };
  const file = path.join(duck.tempDirectory, "deduplicated.parquet");
  await duck.run(
    `COPY (SELECT * FROM ${relation} AS kept_row QUALIFY row_number() OVER (PARTITION BY ${subset} ORDER BY ${order
      .map((sql) => `${sql} ${direction}`)
      .join(", ")}) = 1) TO ${literal(file)} (FORMAT parquet, COMPRESSION snappy)`,
  );
  await duck.run(`CREATE VIEW master_unique AS FROM ${parquetSql(file)}`);
  return { relation: "master_unique", deduplicated };
}
