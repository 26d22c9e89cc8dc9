import { readdirSync } from "node:fs";
import type { JobState } from "../../contract/jobs.ts";
import { isLocked } from "../locks/process-lock.ts";
import {
  claimLock,
  type JobExit,
  jobPaths,
  type RunningAttempt,
  readCancel,
  readClaim,
  readExit,
  readRunning,
  readSpec,
} from "./job-files.ts";
import { brokenOutputs } from "./output-digests.ts";

export interface JobStatus {
  readonly state: JobState;
  /** 0 before the first attempt. */
  readonly attempt: number;
  readonly running?: RunningAttempt;
  readonly exit?: JobExit;
  /** Expected outputs that are missing or changed, after a run that ended with code 0. */
  readonly brokenOutputs: readonly string[];
}

export function isSettled(state: JobState): boolean {
  return state !== "queued" && state !== "starting" && state !== "running" && state !== "unreachable";
}

/** The highest attempt a runner claimed; 0 for none. */
export function lastAttempt(folder: string): number {
  let names: readonly string[];
  try {
    names = readdirSync(jobPaths(folder).attempts);
  } catch {
    return 0;
  }
  return names.reduce((highest, name) => Math.max(highest, Number(/^(\d+)\.json$/.exec(name)?.[1] ?? 0)), 0);
}

/** The number a new attempt gets: above every claim, and above one that was cancelled before a runner claimed it. */
export function nextAttempt(folder: string): number {
  return Math.max(lastAttempt(folder), readCancel(folder)?.attempt ?? 0) + 1;
}

function exitOf(folder: string, attempt: number): JobExit | undefined {
  const exit = readExit(folder);
  return exit?.attempt === attempt ? exit : undefined;
}

/**
 * A job's state from its folder alone; undefined where there is no job. Success needs exit.json with code 0 and every
 * expected output with the digest recorded there (they are read again: as costly as hashing them).
 */
export function readJobStatus(folder: string): JobStatus | undefined {
  const spec = readSpec(folder);
  if (spec === undefined) return undefined;
  const attempt = lastAttempt(folder);
  if ((readCancel(folder)?.attempt ?? 0) > attempt) return { state: "cancelled", attempt, brokenOutputs: [] };
  if (attempt === 0) return { state: "queued", attempt, brokenOutputs: [] };
  const exit = exitOf(folder, attempt);
  if (exit !== undefined) return settled(folder, spec.expected_outputs, exit);

  const claim = readClaim(folder, attempt);
  const running = readRunning(folder);
  const current = running?.attempt === attempt ? { running } : {};
  if (claim !== undefined && isLocked(claimLock(folder, attempt)))
    return { state: running?.attempt === attempt ? "running" : "starting", attempt, ...current, brokenOutputs: [] };
  // It may have written its last file between the two looks.
  const late = exitOf(folder, attempt);
  if (late !== undefined) return settled(folder, spec.expected_outputs, late);
  // A request is only written while the attempt lives: its runner hung and was killed, or died on the way.
  const isCancelled = (readCancel(folder)?.attempt ?? 0) >= attempt;
  return { state: isCancelled ? "cancelled" : "lost", attempt, ...current, brokenOutputs: [] };
}

function settled(folder: string, expected: readonly string[], exit: JobExit): JobStatus {
  const running = readRunning(folder);
  const base = { attempt: exit.attempt, exit, ...(running?.attempt === exit.attempt ? { running } : {}) };
  if (exit.cancelled) return { ...base, state: "cancelled", brokenOutputs: [] };
  if (exit.out_of_memory) return { ...base, state: "out_of_memory", brokenOutputs: [] };
  if (exit.code !== 0) return { ...base, state: "failed", brokenOutputs: [] };
  const broken = brokenOutputs(folder, expected, exit.outputs);
  return { ...base, state: broken.length === 0 ? "succeeded" : "failed", brokenOutputs: broken };
}

/** True once the attempt has ended, one way or another: cheap enough to ask many times a second. */
export function hasAttemptEnded(folder: string, attempt: number): boolean {
  if (exitOf(folder, attempt) !== undefined) return true;
  const claim = readClaim(folder, attempt);
  if (claim !== undefined && isLocked(claimLock(folder, attempt))) return false;
  return claim !== undefined || lastAttempt(folder) >= attempt || (readCancel(folder)?.attempt ?? 0) >= attempt;
}
