import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { writeJsonDurable } from "../files/durable.ts";
import type { ProjectPaths } from "../files/paths.ts";

/**
 * `.signalbox/rebuild.json` marks a catalogue that doesn't have everything from the tracked files, the run folders and MLflow yet. It is written
 * before a deleted catalogue is rebuilt, and removed when it is complete, so a kill in between or a server that is down loses nothing.
 */
export interface RebuildMark {
  /** True once a server was started for the rebuild; later commands only use a running one. */
  readonly hasTriedServer: boolean;
  /** What is still missing and why, for the user. */
  readonly missing: readonly string[];
}

const markFile = (paths: Pick<ProjectPaths, "private">): string => path.join(paths.private, "rebuild.json");

/** Marks the catalogue if it is missing although the project has a history. Call it before opening the catalogue. */
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
    // It is unknown what is missing, so everything may be.
    return { hasTriedServer: false, missing: ["everything"] };
  }
}

export function writeMark(paths: Pick<ProjectPaths, "private">, mark: RebuildMark): void {
  writeJsonDurable(markFile(paths), mark);
}

export function removeMark(paths: Pick<ProjectPaths, "private">): void {
  rmSync(markFile(paths), { force: true });
}
