import { randomBytes } from "node:crypto";
import type { RunRecord } from "./record.ts";

/** MLflow's tag with the last attempt at a run. */
export const attemptTag = "signalbox.attempt";

/** A word for a start or a resumption of a run, unlike any other. */
export function newAttempt(): string {
  return randomBytes(8).toString("hex");
}

/** Checks whether another copy of the project (or this one, before it was restored to an earlier state) has resumed the run since. */
export function wasResumedElsewhere(
  record: Pick<RunRecord, "attempts"> | undefined,
  tags: Readonly<Record<string, string>>,
): boolean {
  const last = tags[attemptTag];
  return record !== undefined && last !== undefined && last !== "" && !record.attempts.includes(last);
}
