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
import { isOwned, markAbandoned } from "./owner.ts";
import { noteStarts } from "./starting.ts";
import { keepState } from "./state-file.ts";

/**
 * Closes the runs whose process is gone (killed, power lost): FAILED and resumable in the catalogue at once, KILLED where a person had
 * asked to cancel what it was at work for. What MLflow must hear of it goes into the outbox in the same transaction; so does what killed
 * starts left.
 * @returns the ids of the runs settled now
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
      // A run without a folder may be another copy's of the project: MLflow hears only of what ended here.
      if (existsSync(folder(run))) putItem(writer, outcomeItem(run.runId, endedAt));
    }
  });
  for (const run of dead) {
    markAbandoned(folder(run));
    keepState(catalogue, folder(run));
  }
  return dead.map((run) => run.runId);
}

/**
 * Settles, and tells MLflow at once where its server is up: what commands do that only look. They neither start a server nor wait long
 * for one, and one that can't be told is told by a later command.
 */
export async function settleAndTell(
  core: Pick<RunsCore, "catalogue" | "clock" | "outbox" | "project">,
): Promise<readonly string[]> {
  const settled = settleRuns(core);
  await core.outbox.deliverIfUp();
  return settled;
}
