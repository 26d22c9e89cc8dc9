import { statSync, truncateSync, writeFileSync } from "node:fs";
import { tailOf } from "../../foundation/exec/out-of-memory.ts";

const mostBytes = 4 << 20;
const keptBytes = 256 << 10;

/** Cuts a log that its writers append to down to its end, in place: they hold it open, so it can't be replaced. */
export function capLog(file: string, limits = { mostBytes, keptBytes }): void {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size <= limits.mostBytes) return;
  const tail = tailOf(file, 0, limits.keptBytes);
  truncateSync(file);
  writeFileSync(file, `… cut from ${size} bytes …\n${tail}`, { flag: "a" });
}
