import { existsSync } from "node:fs";
import path from "node:path";
import { cancelled, encodeError } from "../../../contract/errors.ts";
import type { CatalogueReader } from "../../../foundation/catalogue/open.ts";
import type { Core, Tracking } from "../../../foundation/context.ts";
import { isNotFound } from "../../../foundation/mlflow/http/answer-errors.ts";
import { failOpenStages, getRun, listRuns, type RunRow, runningRuns, setOutcome } from "../store.ts";
import { interrupted, tellOutcome } from "./close-run.ts";
import { isOwned, isUntold, leaveUntold, releaseRun } from "./owner.ts";
import { readRun } from "./record.ts";
import { settleStarting } from "./starting.ts";
import { keepState } from "./state-file.ts";

/**
 * Closes the runs whose process is gone (killed, power lost): FAILED and resumable in the catalogue at once, KILLED where a person had
 * asked to cancel what it was at work for. MLflow is told by
 * `tellTracking`; until then the run's owner file marks what it was not told.
 * @returns the ids of the runs settled now
 */
export function settleRuns(core: Core): readonly string[] {
  const catalogue = core.catalogue();
  const folder = (run: RunRow) => path.join(core.project().paths.runs, run.runId);
  const dead = runningRuns(catalogue).filter((run) => !isOwned(folder(run)));
  if (dead.length === 0) return [];
  const endedAt = core.clock.now().getTime();
  catalogue.write((writer) => {
    for (const run of dead) {
      if (getRun(writer, run.runId)?.status !== "RUNNING") continue;
      const isCancelled = wasCancelled(writer, run.runId);
      const error = encodeError(isCancelled ? cancelled() : interrupted(run.stage ?? "start", run.runId));
      setOutcome(writer, run.runId, { status: isCancelled ? "KILLED" : "FAILED", isResumable: true, endedAt, error });
      failOpenStages(writer, run.runId, endedAt);
    }
  });
  for (const run of dead) if (existsSync(folder(run)) && !isUntold(folder(run))) leaveUntold(folder(run));
  for (const run of dead) keepState(catalogue, path.join(core.project().paths.runs, run.runId));
  return dead.map((run) => run.runId);
}

/** Whether the last operation that worked on a run was asked to stop. */
function wasCancelled(catalogue: CatalogueReader, runId: string): boolean {
  const last = catalogue.get(
    "SELECT is_cancel_requested FROM operations WHERE run_id = ? ORDER BY CAST(substr(id, 3) AS INTEGER) DESC LIMIT 1",
    runId,
  );
  return last?.is_cancel_requested === 1;
}

/**
 * Settles, and tells MLflow at once where its server is up: what commands do that only look. They neither start a server nor wait long
 * for one, and one that can't be told is told by a later command.
 */
export async function settleAndTell(core: Core): Promise<readonly string[]> {
  const settled = settleRuns(core);
  if (untoldRuns(core).length > 0) {
    const tracking = await core.tracking({ isOnlyAsked: true }).catch(() => undefined);
    if (tracking !== undefined) await tellTracking(core, tracking);
  }
  return settled;
}

const runFolder = (core: Core, run: RunRow): string => path.join(core.project().paths.runs, run.runId);

function untoldRuns(core: Core): readonly RunRow[] {
  const { runs } = listRuns(core.catalogue(), { limit: 1_000 });
  return runs.filter((run) => run.status !== "RUNNING" && isUntold(runFolder(core, run)));
}

/**
 * Tells MLflow how the runs ended that it wasn't told of, and forgets the mark. Never throws: what concerns another run must not end
 * the present one; a mark that stays is tried again by the next command.
 */
export async function tellTracking(core: Core, tracking: Tracking): Promise<void> {
  for (const run of untoldRuns(core)) {
    const runDir = runFolder(core, run);
    try {
      const server = readRun(runDir)?.trackingUri;
      if (server !== undefined && server !== tracking.uri && !isManaged(tracking)) continue;
      const outcome = { status: run.status, isResumable: run.isResumable, endedAt: run.endedAt, error: run.error };
      await tellOutcome(tracking.client, run.runId, { outcome, stage: run.stage ?? undefined });
      releaseRun(runDir);
    } catch (error) {
      // A run that was deleted there needs no outcome.
      if (isNotFound(error)) releaseRun(runDir);
      else return;
    }
  }
  await settleStarting(core, tracking).catch(() => undefined);
}

/** The managed server may have come up on another port since. */
const isManaged = (tracking: Tracking): boolean => tracking.source === "managed";
