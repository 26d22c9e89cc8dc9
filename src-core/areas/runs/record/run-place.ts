import { existsSync } from "node:fs";
import path from "node:path";
import { isOwned } from "./owner.ts";
import { readRun } from "./record.ts";

/** Where a run was recorded, and whether a process works on it; undefined where its folder says nothing. */
export function runOf(runDir: string): { readonly trackingUri: string; readonly isOwned: boolean } | undefined {
  const record = readRun(runDir);
  return record === undefined ? undefined : { trackingUri: record.trackingUri, isOwned: isOwned(runDir) };
}

/** True for a run whose decide stage didn't end, by its folder. */
export function isUndecided(runDir: string): boolean {
  return existsSync(path.join(runDir, "run.json")) && !existsSync(path.join(runDir, "stages", "decide.json"));
}
