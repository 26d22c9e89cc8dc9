import { jsonText } from "../../../foundation/duck/column-types.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier, isOneOf } from "../../../foundation/duck/quote.ts";
import { nameRelation } from "../../../foundation/duck/spill.ts";
import type { TableColumn, TableRemark } from "../../../foundation/duck/table-columns.ts";

/** Rows of a column by the kind of value that they have. */
interface MixedColumn {
  readonly name: string;
  readonly strings: number;
  readonly truths: number;
  readonly numbers: number;
}

/**
 * Turns columns of JSON that hold single values of several types (a number here, "NA" there) into strings, so that their type is
 * decided like that of other strings. Those with an object or a list stay. Names it `to`, made of the view `from`.
 */
export async function readMixedJson(
  duck: Duck,
  columns: readonly TableColumn[],
  view: { readonly from: string; readonly to: string },
): Promise<{ readonly columns: readonly TableColumn[]; readonly mixed: readonly MixedColumn[] }> {
  const mixed: MixedColumn[] = [];
  for (const { name } of columns.filter(({ type }) => type === "JSON")) {
    const column = identifier(name);
    const is = (...types: readonly string[]) => `count(*) FILTER (${isOneOf(`json_type(${column})`, types)})`;
    const row = await duck.row(
      `SELECT count(*) FILTER (${jsonText(column).nested}) AS n, ${is("VARCHAR")} AS strings, ${is("BOOLEAN")} AS truths,
         ${is("BIGINT", "UBIGINT", "DOUBLE")} AS numbers FROM ${view.from}`,
    );
    if (count(row.n) > 0) continue;
    mixed.push({ name, strings: count(row.strings), truths: count(row.truths), numbers: count(row.numbers) });
  }
  const replaced = mixed.map(({ name }) => `${jsonText(identifier(name)).text} AS ${identifier(name)}`).join(", ");
  await nameRelation(
    duck,
    view.to,
    mixed.length > 0 ? `(SELECT * REPLACE (${replaced}) FROM ${view.from})` : view.from,
  );
  const isMixed = new Set(mixed.map(({ name }) => name));
  return { columns: columns.map((it) => (isMixed.has(it.name) ? { ...it, type: "VARCHAR" } : it)), mixed };
}

/** `code is read as text: it has 12 strings, 300 numbers` */
export function mixedRemark({ name, strings, truths, numbers }: MixedColumn): TableRemark {
  const parts = [
    [strings, "string"],
    [numbers, "number"],
    [truths, "truth value"],
  ] as const;
  const counts = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}${n === 1 ? "" : "s"}`);
  return { what: `${name} is read as text`, why: `it has ${counts.join(", ")}` };
}
