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

/** What must be known of a run to close it. */
export interface ClosableRun {
  readonly record: Pick<RunRecord, "runId" | "experimentId" | "requestId">;
  readonly runDir: string;
  readonly tracking: Pick<Tracking, "client">;
}

/**
 * Says in the catalogue, then in MLflow, how a run ended. A failure is final here even where the server can't be told: it then stays in the
 * outbox, and the next command tells it.
 * @throws what keeps a finished run from being closed
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
    // A full disk: a run that nobody owns is settled by the next command.
    releaseRun(run.runDir);
    throw error;
  }
  keepState(core.catalogue(), run.runDir);
  // A cancelled run's own client answers nothing any more.
  const client = outcome.error === null ? run.tracking.client : run.tracking.client.forClosing();
  try {
    await tellOutcome(client, runId, ending);
    const { experimentId, requestId } = run.record;
    // A creation whose answer came too late may have made a second run meanwhile.
    if (requestId !== null) await client.removeDuplicateRuns({ experimentId, requestId, keep: runId });
    noteDelivered(core, item);
    releaseRun(run.runDir);
  } catch (error) {
    if (outcome.error === null) throw error;
    abandonRun(run.runDir);
    noteFailed(core, item, error);
  }
}

/** Why a run is FAILED whose process closed nothing. `runId`: the run that can be gone on with. */
export function interrupted(stage: string, runId?: string): AppError {
  return new AppError({
    code: "runs/interrupted",
    message: `The run's process ended without closing it (killed, or the machine stopped) in stage ${stage}.`,
    next: [
      runId === undefined
        ? nextStep("runs.start", {}, "starts another")
        : nextStep("runs.resume", { run: runId }, "goes on from the last finished stage"),
    ],
  });
}

export interface Ending {
  readonly outcome: RunOutcome;
  /** Where it ended, for a run that didn't finish. */
  readonly stage?: string | undefined;
}

/** Closes a run that stopped on an error, KILLED where that was a cancellation; returns the error to throw. */
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
  // Why the run stopped is what a person has to know; that it couldn't be noted is put right by the next command.
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

/** What MLflow's page says of how a run ended. */
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
