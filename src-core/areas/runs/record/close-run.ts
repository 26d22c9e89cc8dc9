import { nextStep } from "../../../contract/build-step.ts";
import { AppError, encodeError, isCancelled, toAppError } from "../../../contract/errors.ts";
import type { Core, Tracking } from "../../../foundation/context.ts";
import type { MlflowClient } from "../../../foundation/mlflow/client.ts";
import { noteDelivered, noteFailed } from "../../outbox/note-attempt.ts";
import { type OutboxVersion, putItem } from "../../outbox/store.ts";
import { type RunOutcome, setOutcome } from "../store.ts";
import { outcomeItem } from "./outcome-item.ts";
import { abandonRun, releaseRun } from "./owner.ts";
import type { RunRecord } from "./record.ts";
import { keepState } from "./state-file.ts";

/** What is needed to close a run. */
export interface ClosableRun {
  readonly record: Pick<RunRecord, "runId" | "experimentId" | "requestId">;
  readonly runDir: string;
  readonly tracking: Pick<Tracking, "client">;
}

/**
 * Records the outcome of a run in the catalogue, then in MLflow. A failure is final here even if the server can't be reached. It then remains
 * in the outbox, and the next command sends it.
 * @throws if a finished run can't be closed
 */
export async function closeRun(
  core: Pick<Core, "catalogue" | "clock">,
  run: ClosableRun,
  ending: Ending,
): Promise<void> {
  const { runId } = run.record;
  const { outcome } = ending;
  let item: OutboxVersion;
  try {
    item = core.catalogue().write((writer) => {
      setOutcome(writer, runId, outcome);
      return putItem(writer, outcomeItem(runId, core.clock.now().getTime()));
    });
  } catch (error) {
    // On a full disk, the next command records the outcome, because the run has no owner.
    releaseRun(run.runDir);
    throw error;
  }
  keepState(core.catalogue(), run.runDir);
  // The client of a cancelled run no longer sends requests.
  const client = outcome.error === null ? run.tracking.client : run.tracking.client.forClosing();
  try {
    await tellOutcome(client, runId, ending);
    const { experimentId, requestId } = run.record;
    // A request whose response was too late may have created a second run.
    if (requestId !== null) await client.removeDuplicateRuns({ experimentId, requestId, keep: runId });
    noteDelivered(core, item);
    releaseRun(run.runDir);
  } catch (error) {
    if (outcome.error === null) throw error;
    abandonRun(run.runDir);
    noteFailed(core, item, error);
  }
}

/** Builds the error of a run whose process ended without closing it. `runId` is the run to resume. */
export function interrupted(stage: string, runId?: string): AppError {
  return new AppError({
    code: "runs/interrupted",
    message: `The run's process ended without closing it (killed, or the machine stopped) in stage ${stage}.`,
    next: [
      runId === undefined
        ? nextStep("runs.start", {}, "starts another run")
        : nextStep("runs.resume", { run: runId }, "continues after the last finished stage"),
    ],
  });
}

export interface Ending {
  readonly outcome: RunOutcome;
  /** The stage of an unfinished run in which it ended. */
  readonly stage?: string | undefined;
}

/** Closes a run that stopped with an error, as KILLED if it was cancelled. Returns the error to throw. */
export async function closeFailed(
  core: Pick<Core, "catalogue" | "clock">,
  run: ClosableRun,
  at: { thrown: unknown; stage: string },
): Promise<AppError> {
  const error = toAppError(at.thrown);
  const outcome: RunOutcome = {
    status: isCancelled(error) ? "KILLED" : "FAILED",
    isResumable: true,
    endedAt: core.clock.now().getTime(),
    error: encodeError(error),
  };
  // The user must see why the run stopped. If it couldn't be recorded, the next command does that.
  await closeRun(core, run, { outcome, stage: at.stage }).catch(() => undefined);
  return error;
}

export async function tellOutcome(
  client: Pick<MlflowClient, "logBatch" | "updateRun">,
  runId: string,
  { outcome, stage }: Ending,
): Promise<void> {
  await client.logBatch({ runId, tags: outcomeTags(outcome, stage) });
  await client.updateRun({
    runId,
    status: outcome.status,
    ...(outcome.endedAt === null ? {} : { endTimeMs: outcome.endedAt }),
  });
}

/** The description of the outcome in MLflow. */
function outcomeTags(outcome: RunOutcome, stage?: string): Readonly<Record<string, string>> {
  return {
    resumable: String(outcome.isResumable),
    ...(outcome.error === null
      ? {}
      : {
          "signalbox.error_code": outcome.error.code,
          "signalbox.error": outcome.error.message.slice(0, 4_000),
          ...(stage === undefined ? {} : { "signalbox.failed_stage": stage }),
        }),
  };
}
