import { existsSync } from "node:fs";
import path from "node:path";
import { isOwned } from "./owner.ts";
import { readRun } from "./record.ts";

/** Finds where a run was recorded, and whether a process executes it; undefined if its folder doesn't say. */
export function runOf(runDir: string): { readonly trackingUri: string; readonly isOwned: boolean } | undefined {
  const record = readRun(runDir);
  return record === undefined ? undefined : { trackingUri: record.trackingUri, isOwned: isOwned(runDir) };
}

/** Checks in the folder of a run whether its decide stage isn't finished. */
export function isUndecided(runDir: string): boolean {
  return existsSync(path.join(runDir, "run.json")) && !existsSync(path.join(runDir, "stages", "decide.json"));
}
