import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { removeLeftovers } from "../../../foundation/files/durable.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";

/** Removes partial files of killed writers in the folder of a run, and where runs write outside of it. */
export function sweepLeftovers(paths: ProjectPaths, runDir: string): void {
  const single = [paths.private, paths.runs, paths.configs, path.dirname(paths.ledgerFile)];
  for (const folder of [...single, ...foldersBelow(paths.cache), ...foldersBelow(runDir)]) removeLeftovers(folder);
}

function foldersBelow(root: string): readonly string[] {
  if (!existsSync(root)) return [];
  const below = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [root, ...below.map((entry) => path.join(entry.parentPath, entry.name))];
}
