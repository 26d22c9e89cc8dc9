import { existsSync } from "node:fs";
import path from "node:path";
import { cancelled, encodeError } from "../../../contract/errors.ts";
import type { Core } from "../../../foundation/context.ts";
import { wasCancelAsked } from "../../operations/active-store.ts";
import { putItem } from "../../outbox/store.ts";
import type { RunsCore } from "../needs.ts";
import { failOpenStages, getRun, type RunRow, runningRuns, setOutcome } from "../store.ts";
import { interrupted } from "./close-run.ts";
import { outcomeItem } from "./outcome-item.ts";
import { isOwned, isOwnedElsewhere, markAbandoned } from "./owner.ts";
import { noteStarts } from "./starting.ts";
import { keepState } from "./state-file.ts";

/**
 * Closes the runs whose process was killed or lost its power: as FAILED and resumable in the catalogue, or as KILLED if the user had requested
 * to cancel the operation. The updates for MLflow, and those of killed starts, are put into the outbox in the same transaction.
 * @returns the ids of the runs that were closed now
 */
export function settleRuns(core: Pick<Core, "catalogue" | "clock" | "project">): readonly string[] {
  noteStarts(core);
  const catalogue = core.catalogue();
  const folder = (run: RunRow) => path.join(core.project().paths.runs, run.runId);
  const dead = runningRuns(catalogue).filter((run) => !isOwned(folder(run)));
  if (dead.length === 0) return [];
  const endedAt = core.clock.now().getTime();
  catalogue.write((writer) => {
    for (const run of dead) {
      if (getRun(writer, run.runId)?.status !== "RUNNING") continue;
      const isCancelled = wasCancelAsked(writer, run.runId);
      const error = encodeError(isCancelled ? cancelled() : interrupted(run.stage ?? "start", run.runId));
      setOutcome(writer, run.runId, { status: isCancelled ? "KILLED" : "FAILED", isResumable: true, endedAt, error });
      failOpenStages(writer, run.runId, endedAt);
      // A run without a folder, or that is executed in another one, is of another copy of the project: MLflow hears of it from there.
      if (existsSync(folder(run)) && !isOwnedElsewhere(folder(run))) putItem(writer, outcomeItem(run.runId, endedAt));
    }
  });
  for (const run of dead) {
    markAbandoned(folder(run));
    keepState(catalogue, folder(run));
  }
  return dead.map((run) => run.runId);
}

/**
 * Closes dead runs, and updates MLflow at once if its server is running. Used by commands that only read. They neither start a server nor wait
 * long for one; if it can't be reached, a later command sends the updates.
 */
export async function settleAndTell(
  core: Pick<RunsCore, "catalogue" | "clock" | "outbox" | "project">,
): Promise<readonly string[]> {
  const settled = settleRuns(core);
  await core.outbox.deliverIfUp();
  return settled;
}
