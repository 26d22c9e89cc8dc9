import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { writeJsonDurable } from "../files/durable.ts";
import type { ProjectPaths } from "../files/paths.ts";

/**
 * `.signalbox/rebuild.json`: this catalogue doesn't hold everything yet that the tracked files, the run folders and MLflow know. Written before
 * a deleted catalogue is made anew and removed when all of it is back, so that a kill in between, or a server that is down, loses nothing.
 */
export interface RebuildMark {
  /** True once a server was started to be asked; later commands only ask one that runs. */
  readonly hasTriedServer: boolean;
  /** What is not back yet and why, for a person. */
  readonly missing: readonly string[];
}

const markFile = (paths: Pick<ProjectPaths, "private">): string => path.join(paths.private, "rebuild.json");

/** To be called before the catalogue is opened: marks it where it is missing though the project has a history. */
export function markIfDeleted(paths: ProjectPaths): void {
  if (existsSync(paths.catalogueFile) || !hasHistory(paths)) return;
  writeMark(paths, { hasTriedServer: false, missing: ["everything"] });
}

function hasHistory({ frozenFile, ledgerFile, runs }: ProjectPaths): boolean {
  return existsSync(frozenFile) || existsSync(ledgerFile) || (existsSync(runs) && readdirSync(runs).length > 0);
}

export function readMark(paths: Pick<ProjectPaths, "private">): RebuildMark | null {
  if (!existsSync(markFile(paths))) return null;
  try {
    const it: unknown = JSON.parse(readFileSync(markFile(paths), "utf8"));
    const hasTriedServer =
      typeof it === "object" && it !== null && "hasTriedServer" in it && it.hasTriedServer === true;
    const missing =
      typeof it === "object" && it !== null && "missing" in it && Array.isArray(it.missing) ? it.missing : [];
    return { hasTriedServer, missing: missing.map(String) };
  } catch {
    // It can't be told what is missing: then everything may be.
    return { hasTriedServer: false, missing: ["everything"] };
  }
}

export function writeMark(paths: Pick<ProjectPaths, "private">, mark: RebuildMark): void {
  writeJsonDurable(markFile(paths), mark);
}

export function removeMark(paths: Pick<ProjectPaths, "private">): void {
  rmSync(markFile(paths), { force: true });
}
