import type { DataContract } from "../../../contract/configs/data-contract.ts";
import { AppError } from "../../../contract/errors.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { parquetSql } from "../../../foundation/duck/read-sql.ts";
import { columnsOf } from "../../../foundation/duck/table-columns.ts";
import type { Master } from "../master/master.ts";

/**
 * Refuses a frozen reference whose columns have other types than the contract reads now: a model that was trained on one couldn't be measured
 * on the other.
 * @throws configs/inconsistent
 */
export async function refuseOtherTypes(
  duck: Duck,
  input: {
    readonly tableColumns: Master["tableColumns"];
    readonly reference: string;
    readonly contract: { readonly path: string; readonly value: DataContract };
    readonly splitVersion: number;
  },
): Promise<void> {
  const { tableColumns, reference, contract, splitVersion } = input;
  const held = new Map((await columnsOf(duck, parquetSql(reference))).map(({ name, type }) => [name, type]));
  const others = tableColumns.flatMap(({ name, type }) => {
    const before = held.get(name);
    const isUsed = contract.value.columns[name] !== undefined;
    return !isUsed || before === undefined || before === type ? [] : [`${name} is ${before} in it and ${type} now`];
  });
  if (others.length === 0) return;
  throw new AppError({
    code: "configs/inconsistent",
    message: `The frozen reference test of split ${splitVersion} has other types than the table as ${contract.path} reads it: ${others.slice(0, 5).join(", ")}${others.length > 5 ? ", …" : ""}.`,
    hint: "If only the table's types changed, write it with those that it had. Otherwise write a new split version: its reference test is made from the table as it is now.",
    details: { file: contract.path, columns: others },
  });
}

/**
 * Says how the table differs from a frozen reference test, which keeps its rows as they were: rows that were removed or excluded since, and
 * rows with other values. Columns that only one of them has, or that only number the rows, aren't compared.
 */
export async function heldRowWarnings(
  duck: Duck,
  input: {
    readonly master: Pick<Master, "relation" | "tableColumns">;
    readonly reference: string;
    /** SQL of the key's columns. */
    readonly keys: readonly string[];
    readonly counters: readonly string[];
    /** SQL of a row's key in a readable form, on the reference. */
    readonly shownKey: string;
  },
): Promise<readonly string[]> {
  const { master, reference, keys, counters, shownKey } = input;
  const held = parquetSql(reference);
  const types = new Map((await columnsOf(duck, held)).map(({ name, type }) => [name, type]));
  const compared = master.tableColumns
    .filter(({ name, type }) => types.get(name) === type && !counters.includes(name))
    .map(({ name }) => identifier(name));
  const named = keys.map((sql, index) => `${sql} AS __key_${index}`).join(", ");
  const hashed = compared.length === 0 ? "0" : `hash(${compared.join(", ")})`;
  const side = (relation: string, shown = "NULL") =>
    `(SELECT ${named}, ${hashed} AS __row, ${shown} AS __shown FROM ${relation})`;
  const examples = (condition: string) => `min(held.__shown, 3) FILTER (${condition})`;
  const on = keys.map((_, index) => `now.__key_${index} = held.__key_${index}`).join(" AND ");
  const row = await duck.row(
    `SELECT count(*) FILTER (now.__row IS NULL) AS gone, count(*) FILTER (now.__row <> held.__row) AS changed,
       array_to_string(${examples("now.__row IS NULL")}, '; ') AS gone_keys, array_to_string(${examples("now.__row <> held.__row")}, '; ') AS changed_keys
     FROM ${side(held, shownKey)} held LEFT JOIN ${side(master.relation)} now ON (${on})`,
  );
  const [gone, changed] = [count(row.gone), count(row.changed)];
  if (gone + changed === 0) return [];
  const parts = [
    ...(gone > 0
      ? [
          `${rows(gone)} of the frozen reference test ${gone === 1 ? "is" : "are"} no longer in the table (${some(row.gone_keys, gone)})`,
        ]
      : []),
    ...(changed > 0
      ? [
          `${rows(changed)} of ${gone > 0 ? "it" : "the frozen reference test"} ${changed === 1 ? "has" : "have"} other values in the table (${some(row.changed_keys, changed)})`,
        ]
      : []),
  ];
  return [`${parts.join(" and ")}; the test keeps the rows as they were`];
}

function rows(n: number): string {
  return `${n} row${n === 1 ? "" : "s"}`;
}

/** The keys of the first three, and how many more there are. */
function some(keys: unknown, rows: number): string {
  return `${String(keys)}${rows > 3 ? `; and ${rows - 3} more` : ""}`;
}
