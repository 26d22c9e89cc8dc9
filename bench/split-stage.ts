import { atMost, type BenchOptions, type BenchResult, interleaved } from "./bench.ts";
import { pandasRunner, splitRunner } from "./split-contestants.ts";
import { benchTable, tableNote, tableSize } from "./split-table.ts";

/** The whole stage (contract, sides, leakage checks, digests) against a plain COPY and against a pandas script. */
export async function run({ repeats, python, log }: BenchOptions): Promise<BenchResult> {
  const table = await benchTable();
  const interpreter = await python();
  log("table and Python ready");
  const [own, copy, pandas] = await interleaved(
    [
      splitRunner("signalbox split stage", "stage", { table }),
      splitRunner("DuckDB COPY", "copy", { table }),
      pandasRunner(interpreter, table),
    ],
    repeats,
  );
  if (!own || !copy || !pandas) throw new Error("A contestant wasn't measured.");
  const what = `${tableSize}, contract to digests`;
  return {
    lines: [
      atMost({ what, own, peer: copy, bar: 3, stretch: 2 }),
      atMost({ what, own, peer: pandas, bar: 0.6, stretch: 0.4 }),
      atMost({ what: `${what}: peak memory`, own, peer: pandas, bar: 0.35, isMemory: true }),
    ],
    notes: [tableNote, "pandas reads, runs GroupShuffleSplit and writes three files, without checks and digests."],
  };
}
