import { existsSync } from "node:fs";
import path from "node:path";

/** The file that makes a folder a project. */
export const projectFile = "signalbox.yaml";

/** Finds the nearest folder at or above `from` with a signalbox.yaml; undefined if there is none. */
export function findProjectDir(from: string): string | undefined {
  const folder = path.resolve(from);
  if (existsSync(path.join(folder, projectFile))) return folder;
  const parent = path.dirname(folder);
  return parent === folder ? undefined : findProjectDir(parent);
}
