import type { DataContract } from "../../../contract/configs/data-contract.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { spill } from "../../../foundation/duck/spill.ts";
import type { TableColumn } from "../../../foundation/duck/table-columns.ts";
import { typeFamily } from "../../../foundation/duck/type-family.ts";
import { type BoundColumns, requireColumn } from "./contract-columns.ts";

/**
 * Keeps one of the rows that are equal as the contract says: in every column, or in `subset`. Which one: the first or last
 * in the order of `order_by`, then of the whole row's text, so that the order of rows in the file doesn't matter. Nulls
 * count as equal, and so do NaN and null.
 */
export async function deduplicate(
  duck: Duck,
  input: {
    readonly contract: DataContract;
    readonly columns: BoundColumns["columns"];
    readonly tableColumns: readonly TableColumn[];
    readonly relation: string;
  },
): Promise<{ readonly relation: string; readonly deduplicated: number }> {
  const { relation, contract } = input;
  const rule = contract.deduplication;
  if (rule === undefined) return { relation, deduplicated: 0 };
  const { compared, order } = rule === "whole_rows" ? wholeRows(input) : bySubset(rule, input.columns);
  if (compared.length === 0) return { relation, deduplicated: 0 };
  const subset = compared.join(", ");
  const extra = await duck.row(
    `SELECT coalesce(sum(n - 1), 0)::BIGINT AS rows FROM (SELECT count(*) AS n FROM ${relation} GROUP BY ${subset} HAVING count(*) > 1)`,
  );
  const deduplicated = count(extra.rows);
  if (deduplicated === 0) return { relation, deduplicated };
  const kept = `SELECT * FROM ${relation} AS kept_row QUALIFY row_number() OVER (PARTITION BY ${subset} ORDER BY ${order}) = 1`;
  await duck.run(`CREATE VIEW master_unique AS FROM ${await spill(duck, "deduplicated", kept)}`);
  return { relation: "master_unique", deduplicated };
}

/** What rows are compared by, as SQL, and the order in which the first of the equal ones is kept. */
interface Comparison {
  readonly compared: readonly string[];
  readonly order: string;
}

function wholeRows({ contract, tableColumns }: Parameters<typeof deduplicate>[1]): Comparison {
  const compared = tableColumns
    .filter(({ name }) => contract.columns[name]?.row_counter !== true)
    .map(({ name, type }) => comparableSql(identifier(name), type));
  return { compared, order: "kept_row::VARCHAR" };
}

function bySubset(
  rule: Exclude<DataContract["deduplication"], "whole_rows" | undefined>,
  columns: BoundColumns["columns"],
): Comparison {
  const sqlOf = (role: string) => (name: string) => requireColumn(columns, name, role).sql;
  const direction = rule.keep === "first" ? "ASC NULLS LAST" : "DESC NULLS LAST";
  const order = [...(rule.order_by ?? []).map(sqlOf("deduplication.order_by")), "kept_row::VARCHAR"];
  return {
    compared: rule.subset.map(sqlOf("deduplication.subset")),
    order: order.map((sql) => `${sql} ${direction}`).join(", "),
  };
}

/** NaN means "no value", as a null does. */
function comparableSql(sql: string, type: string): string {
  return typeFamily(type) === "float" ? `CASE WHEN NOT isnan(${sql}) THEN ${sql} END` : sql;
}
