import type { ColumnType } from "../../../contract/configs/data-contract.ts";
import { batches } from "../../../foundation/duck/batches.ts";
import { castTo } from "../../../foundation/duck/column-types.ts";
import { count, type Duck } from "../../../foundation/duck/open.ts";
import { identifier } from "../../../foundation/duck/quote.ts";
import { finerTimes, type TableColumn, unfitReason } from "../../../foundation/duck/table-columns.ts";
import type { SettledText } from "./settle-texts.ts";

/** Columns with values that the contract type of their own type, or the one that a string is read as, doesn't hold, and why. */
export async function unfitColumns(
  duck: Duck,
  columns: readonly TableColumn[],
  {
    settled,
    ownType,
    relation,
  }: {
    readonly relation: string;
    readonly settled: ReadonlyMap<string, SettledText>;
    readonly ownType: (column: TableColumn) => ColumnType | null;
  },
): Promise<ReadonlyMap<string, string>> {
  const checked = columns.flatMap((column) => {
    const { name, type } = column;
    const text = settled.get(name);
    const to = text?.type ?? ownType(column);
    const missing = text?.missing.map((one) => one.text) ?? [];
    const cast = to === null ? null : castTo(to, type, identifier(name), missing);
    return cast?.kind === "cast" && cast.bad !== null ? [{ name, type, to, bad: cast.bad }] : [];
  });
  const unfit = new Map<string, string>();
  for (const batch of batches(checked, 40)) {
    const found = await duck.row(
      `SELECT ${batch.map(({ bad }, index) => `count(*) FILTER (${bad}) AS bad_${index}`).join(", ")} FROM ${relation}`,
    );
    for (const [index, { name, type, to }] of batch.entries()) {
      const rows = count(found[`bad_${index}`]);
      if (rows > 0) unfit.set(name, unfitReason({ rows, problem: problemOf({ from: type, to }) }));
    }
  }
  return unfit;
}

/** Why a column can't be in a contract: as the file has it, as a whole number, or as the type that it is read as; null if it can. */
export function whyUnfit(
  source: TableColumn,
  it: { readonly beyond: number | undefined; readonly found: string | undefined },
): string | null {
  if (source.unfit) return unfitReason(source.unfit);
  if (it.beyond !== undefined)
    return unfitReason({ rows: it.beyond, problem: problemOf({ from: source.type, to: "int" }) });
  return it.found ?? null;
}

function problemOf({ from, to }: { readonly from: string; readonly to: ColumnType | null }): string {
  if (to === "timestamp") return finerTimes;
  return `beyond ${to === "float" ? "2^53" : "64 bits"} (${from}); write them as text if they are identifiers, as DOUBLE if they are amounts`;
}
