import { existsSync } from "node:fs";
import path from "node:path";

/** The folder itself, or the nearest one above it that exists. */
export function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(path.dirname(folder));
}

/** The folder, or the nearest one above it, with a `.git`, whether or not git can open it; null if there is none. */
export function repositoryAbove(folder: string): string | null {
  if (existsSync(path.join(folder, ".git"))) return folder;
  const above = path.dirname(folder);
  return above === folder ? null : repositoryAbove(above);
}
