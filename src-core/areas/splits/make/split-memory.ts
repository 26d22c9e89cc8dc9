import { statSync } from "node:fs";

const leastBytes = 600_000_000;
const perFileByte = 1.75;
/** Of each column, every thread holds blocks of 256 KiB: of the reader, the sort and the writer. */
const perColumnAndThread = 1_000_000;
/** DuckDB's own limit, as a share of the machine's memory. */
const duckShare = 0.8;

export interface SplitSize {
  /** Columns of the data contract. */
  readonly columns: number;
  /** Threads that DuckDB uses. */
  readonly threads: number;
  readonly machineBytes: number;
}

/**
 * DuckDB's memory limit, in bytes, for splitting these files if the project sets none; undefined keeps DuckDB's own, 80 %
 * of the machine's memory. A split is mostly a sort, which spills. With 1.75 times the size of its files, and at least
 * 600 MB, it takes a quarter less memory and about a tenth more time than without a limit (more on a busy disk), and
 * leaves the rest to training that runs at the same time. What a column needs can't spill, however few rows there are.
 */
export function splitMemoryBytes(
  files: readonly string[],
  { columns, threads, machineBytes }: SplitSize,
): number | undefined {
  const fileBytes = files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
  const limit = Math.max(leastBytes, perFileByte * fileBytes) + perColumnAndThread * columns * threads;
  return limit < duckShare * machineBytes ? limit : undefined;
}
