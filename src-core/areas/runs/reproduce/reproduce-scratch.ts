import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { jobPaths } from "../../../foundation/exec/job-files.ts";
import type { Place } from "../../../foundation/exec/place.ts";
import { fileError } from "../../../foundation/files/durable.ts";
import { type ProjectPaths, projectPaths } from "../../../foundation/files/paths.ts";
import { isOwned, releaseRun, takeRun } from "../record/owner.ts";

/** A folder in the project's cache in which a run is repeated. It has an owner like the folder of a run, so remains of dead processes are found. */
export interface Scratch {
  /** Absolute path. */
  readonly folder: string;
  /** The project in the folder. */
  readonly project: string;
  readonly artifacts: string;
}

const prefix = "reproduce-";
/** Marks a folder that should be kept. */
const keptFile = "kept";

export function openScratch(paths: Pick<ProjectPaths, "cache">, runId: string): Scratch {
  const folder = path.join(paths.cache, `${prefix}${runId.slice(0, 8)}-${randomBytes(4).toString("hex")}`);
  const project = path.join(folder, "project");
  try {
    mkdirSync(project, { recursive: true });
  } catch (error) {
    throw fileError(error, "create", folder);
  }
  takeRun(folder);
  return { folder, project, artifacts: path.join(folder, "artifacts") };
}

export function closeScratch({ folder }: Scratch, keep: boolean): void {
  if (!keep) {
    rmSync(folder, { recursive: true, force: true });
    releaseRun(folder);
    return;
  }
  writeFileSync(path.join(folder, keptFile), "");
  releaseRun(folder);
}

/** Ends running jobs of a dead reproduction, and removes its folder. Returns the names of what was removed. */
export async function removeDeadScratch(
  { paths, place }: { readonly paths: Pick<ProjectPaths, "cache">; readonly place: Pick<Place, "cancel"> },
  graceMs = 2_000,
): Promise<readonly string[]> {
  if (!existsSync(paths.cache)) return [];
  const removed: string[] = [];
  for (const name of readdirSync(paths.cache)) {
    const folder = path.join(paths.cache, name);
    if (!name.startsWith(prefix) || isOwned(folder) || existsSync(path.join(folder, keptFile))) continue;
    const { runs } = projectPaths(path.join(folder, "project"));
    for (const job of jobFolders(runs)) await place.cancel(job, graceMs);
    rmSync(folder, { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

function jobFolders(runs: string): readonly string[] {
  if (!existsSync(runs)) return [];
  return readdirSync(runs)
    .flatMap((run) => readdirSync(path.join(runs, run)).map((job) => path.join(runs, run, job)))
    .filter((folder) => existsSync(jobPaths(folder).spec));
}
