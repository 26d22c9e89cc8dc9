import { lstatSync, readdirSync } from "node:fs";
import path from "node:path";

/** Estimates the bytes that deleting would free. Files with other hard links are counted in full. */
export function sizeOf(file: string): number {
  try {
    const stat = lstatSync(file);
    if (!stat.isDirectory()) return stat.size;
    return readdirSync(file).reduce((sum, name) => sum + sizeOf(path.join(file, name)), 0);
  } catch {
    // It was deleted meanwhile or isn't readable, so there is nothing to free.
    return 0;
  }
}

/** Returns the latest change of a file or in a folder, in ms since 1970; 0 if it doesn't exist. */
export function lastChangeOf(file: string): number {
  try {
    const stat = lstatSync(file);
    if (!stat.isDirectory()) return stat.mtimeMs;
    return Math.max(stat.mtimeMs, ...readdirSync(file).map((name) => lastChangeOf(path.join(file, name))));
  } catch {
    return 0;
  }
}
