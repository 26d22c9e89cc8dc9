import path from "node:path";
import type { RunsCore } from "../needs.ts";
import { readRun } from "../record/record.ts";
import { getRun, newestRun, type RunRow } from "../store.ts";

/** Checks whether a run has nothing left to do. */
export function isOver(run: RunRow): boolean {
  return run.status === "FINISHED" && !run.isResumable;
}

/**
 * Finds the run that the current operation already has: the one that it began before its supervisor was killed, or a stopped one of equal
 * versions that another such operation has resumed since this one was requested. Without this, a kill would lead to two runs instead of
 * one.
 */
export function begunRun(
  core: Pick<RunsCore, "catalogue" | "operations" | "project">,
  fingerprint: string | undefined,
): RunRow | undefined {
  const operation = core.operations.working();
  if (operation === undefined) return undefined;
  const catalogue = core.catalogue();
  if (operation.runId !== null) return getRun(catalogue, operation.runId);
  const newest = fingerprint === undefined ? undefined : newestRun(catalogue, fingerprint);
  if (newest === undefined || !isOver(newest)) return undefined;
  const reopenedAt = readRun(path.join(core.project().paths.runs, newest.runId))?.reopenedAt;
  return reopenedAt !== undefined && reopenedAt >= operation.requestedAt ? newest : undefined;
}
