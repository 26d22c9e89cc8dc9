import { lstatSync, readdirSync } from "node:fs";
import path from "node:path";

/** Bytes that deleting would free, about: files with another name elsewhere (hard links) are counted in full. */
export function sizeOf(file: string): number {
  try {
    const stat = lstatSync(file);
    if (!stat.isDirectory()) return stat.size;
    return readdirSync(file).reduce((sum, name) => sum + sizeOf(path.join(file, name)), 0);
  } catch {
    // Gone meanwhile, or not ours to read: nothing that could be freed.
    return 0;
  }
}

/** The latest change in a file or folder in ms since 1970; 0 where there is none. */
export function lastChangeOf(file: string): number {
  try {
    const stat = lstatSync(file);
    if (!stat.isDirectory()) return stat.mtimeMs;
    return Math.max(stat.mtimeMs, ...readdirSync(file).map((name) => lastChangeOf(path.join(file, name))));
  } catch {
    return 0;
  }
}
