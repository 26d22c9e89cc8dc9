import type { Core } from "../../foundation/context.ts";
import { isSettled, type JobStatus } from "../../foundation/exec/job-status.ts";
import type { Place } from "../../foundation/exec/place.ts";
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

/** Cancels the live jobs of a run that no operation works on any more. Returns how many there were. */
export async function cancelJobsOf(
  core: Pick<Core, "catalogue" | "clock" | "projectDir">,
  place: Place,
  runId: string,
): Promise<number> {
  const graceMs = 10_000;
  const jobs = runningJobs(core.catalogue(), core.projectDir, runId);
  const states = await Promise.all(
    jobs.map(async (job) => {
      const before = place.status(job.folder)?.state;
      await place.cancel(job.folder, graceMs);
      settleIfEnded(core, place, job);
      return before;
    }),
  );
  return states.filter((state) => state !== undefined && !isSettled(state)).length;
}
