import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Core } from "../../foundation/context.ts";
import { isSettled, type JobStatus } from "../../foundation/exec/job-status.ts";
import type { Place } from "../../foundation/exec/place.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import { type JobRow, runningJobs, settleJob } from "./store.ts";

const lost: JobStatus = { state: "lost", attempt: 0, brokenOutputs: [] };

/** Updates the index of jobs from their folders. Records jobs that ended unobserved; live ones are unchanged. */
export function settleDeadJobs(core: Pick<Core, "catalogue" | "clock" | "projectDir">, place: Place): void {
  for (const job of runningJobs(core.catalogue(), core.projectDir)) settleIfEnded(core, place, job);
}

function settleIfEnded(core: Pick<Core, "catalogue" | "clock" | "projectDir">, place: Place, job: JobRow): void {
  const status = place.status(job.folder) ?? lost;
  if (isSettled(status.state)) settleJob(core.catalogue(), job.jobId, status.state);
}

/**
 * Cancels the live jobs of a run that no operation works on any more. Returns how many there were. They are looked for in the run's folder, too:
 * a process that ends as soon as it has started a job may not have noted it.
 */
export async function cancelJobsOf(
  core: Pick<Core, "catalogue" | "clock" | "projectDir">,
  place: Place,
  runId: string,
): Promise<number> {
  const graceMs = 10_000;
  const jobs = runningJobs(core.catalogue(), core.projectDir, runId);
  const folders = new Set([...jobs.map(({ folder }) => folder), ...foldersOf(core, runId)]);
  const states = await Promise.all(
    [...folders].map(async (folder) => {
      const before = place.status(folder)?.state;
      if (before !== undefined) await place.cancel(folder, graceMs);
      return before;
    }),
  );
  for (const job of jobs) settleIfEnded(core, place, job);
  return states.filter((state) => state !== undefined && !isSettled(state)).length;
}

function foldersOf({ projectDir }: Pick<Core, "projectDir">, runId: string): readonly string[] {
  const run = path.join(projectPaths(projectDir).runs, runId);
  return existsSync(run) ? readdirSync(run).map((name) => path.join(run, name)) : [];
}
