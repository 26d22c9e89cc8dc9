import { atMost, type BenchOptions, type BenchResult, interleaved } from "./bench.ts";
import { splitRunner } from "./split-contestants.ts";
import { benchTable, tableNote, tableSize } from "./split-table.ts";

/** The whole stage with a memory limit of 500 MB, against itself without a limit. */
export async function run({ repeats, log }: BenchOptions): Promise<BenchResult> {
  const table = await benchTable();
  log("table ready");
  const [own, peer] = await interleaved(
    [
      splitRunner("at 500 MB", "stage", { table, limitBytes: 500_000_000 }),
      splitRunner("without a limit", "stage", { table, limitBytes: "unlimited" }),
    ],
    repeats,
  );
  if (!own || !peer) throw new Error("A contestant wasn't measured.");
  const what = `split stage of ${tableSize} at DuckDB's memory_limit 500 MB`;
  return { lines: [atMost({ what, own, peer, bar: 1.6 })], notes: [tableNote] };
}
