import { jsonText } from "../../../foundation/duck/column-types.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import type { TableColumn } from "../../../foundation/duck/table-columns.ts";

/**
 * Turns columns of JSON that hold single values of several types (a number here, "NA" there) into strings, so that their type is
 * decided like that of other strings. Those with an object or a list stay. Makes the view `to` of the view `from`.
 */
export async function readMixedJson(
  duck: Duck,
  columns: readonly TableColumn[],
  view: { readonly from: string; readonly to: string },
): Promise<readonly TableColumn[]> {
  const mixed: string[] = [];
  for (const { name } of columns.filter(({ type }) => type === "JSON")) {
    const { nested } = jsonText(identifier(name));
    const row = await duck.row(`SELECT count(*) FILTER (${nested}) AS n FROM ${view.from}`);
    if (count(row.n) === 0) mixed.push(name);
  }
  const replaced = mixed.map((name) => `${jsonText(identifier(name)).text} AS ${identifier(name)}`).join(", ");
  await duck.run(
    `CREATE VIEW ${view.to} AS SELECT *${mixed.length > 0 ? ` REPLACE (${replaced})` : ""} FROM ${view.from}`,
  );
  return columns.map((column) => (mixed.includes(column.name) ? { ...column, type: "VARCHAR" } : column));
}
