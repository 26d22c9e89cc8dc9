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

/** Cancels the live jobs of a run, for an operation that was cancelled while no supervisor was running. */
export async function cancelJobsOf(
  core: Pick<Core, "catalogue" | "clock" | "projectDir">,
  place: Place,
  runId: string,
): Promise<void> {
  const graceMs = 10_000;
  await Promise.all(
    runningJobs(core.catalogue(), core.projectDir, runId).map(async (job) => {
      await place.cancel(job.folder, graceMs);
      settleIfEnded(core, place, job);
    }),
  );
}
