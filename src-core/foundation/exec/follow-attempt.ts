import { setTimeout as pause } from "node:timers/promises";
import { followFile, type Piece } from "./follow-file.ts";
import { jobPaths, readRunning } from "./job-files.ts";
import { hasAttemptEnded } from "./job-status.ts";
import type { FollowJob } from "./place.ts";

/** Bytes of an attempt's log, from the job's folder on this machine. */
export async function* followAttempt(folder: string, what: FollowJob): AsyncGenerator<Piece> {
  const { attempt, log, offset = 0, signal } = what;
  const begin = (await attemptOffsets(folder, attempt))[log];
  if (begin === undefined) return;
  const files = jobPaths(folder);
  yield* followFile(log === "events" ? files.events : files.outputLog, {
    offset: Math.max(offset, begin),
    until: () => hasAttemptEnded(folder, attempt),
    ...(signal === undefined ? {} : { signal }),
  });
}

/**
 * Where the attempt's part of the logs begins; known once its runner wrote pid.json. Of one that ended without, its output is what
 * there is, and its events are none.
 */
export async function attemptOffsets(
  folder: string,
  attempt: number,
): Promise<{ readonly events: number | undefined; readonly output: number }> {
  for (;;) {
    const hasEnded = hasAttemptEnded(folder, attempt);
    const running = readRunning(folder);
    if (running?.attempt === attempt) return { events: running.events_offset, output: running.output_offset };
    if (hasEnded) return { events: undefined, output: 0 };
    await pause(10);
  }
}
