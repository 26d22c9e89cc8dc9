import { atMost, type BenchOptions, type BenchResult, interleaved } from "./bench.ts";
import { splitRunner } from "./split-contestants.ts";
import { benchTable, tableNote, tableSize } from "./split-table.ts";

/** Splits by group into three deterministic files with their sha256, against DuckDB's plain COPY of the table. */
export async function run({ repeats, log }: BenchOptions): Promise<BenchResult> {
  const table = await benchTable();
  log("table ready");
  const [own, peer] = await interleaved(
    [splitRunner("signalbox split", "split", { table }), splitRunner("DuckDB COPY", "copy", { table })],
    repeats,
  );
  if (!own || !peer) throw new Error("A contestant wasn't measured.");
  const what = `${tableSize} by group into 3 files with sha256`;
  return { lines: [atMost({ what, own, peer, bar: 1.7, stretch: 1.4 })], notes: [tableNote] };
}
