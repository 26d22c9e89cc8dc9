import path from "node:path";
import type { RunsCore } from "../needs.ts";
import { readRun } from "../record/record.ts";
import { getRun, newestRun, type RunRow } from "../store.ts";

/** True for a run with nothing left to do. */
export function isOver(run: RunRow): boolean {
  return run.status === "FINISHED" && !run.isResumable;
}

/**
 * The run that the operation at work is about already: the one it began before its supervisor died, or the one of equal versions that
 * stopped, and that another such operation has gone on with since this one was asked for. Without this a kill would lead to two runs
 * where one was wanted.
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
