import path from "node:path";
import type { Core, Tracking } from "../../../foundation/context.ts";
import { isNotFound } from "../../../foundation/mlflow/http/answer-errors.ts";
import { isHere } from "../../outbox/is-here.ts";
import type { Deliverer } from "../../outbox/needs.ts";
import { getRun } from "../store.ts";
import { wasResumedElsewhere } from "./attempts.ts";
import { tellOutcome } from "./close-run.ts";
import { outcomeKind } from "./outcome-item.ts";
import { isOwned, releaseRun } from "./owner.ts";
import { readRun } from "./record.ts";

/** Sends the outcome of a run from the catalogue to MLflow. */
export function outcomeDeliverer(core: Pick<Core, "catalogue" | "project">, tracking: Tracking): Deliverer {
  return {
    kind: outcomeKind,
    deliver: async ({ subject: runId }) => {
      const run = getRun(core.catalogue(), runId);
      const runDir = path.join(core.project().paths.runs, runId);
      // The process that executes the run sends its outcome.
      if (isOwned(runDir)) return "waiting";
      if (run === undefined || run.status === "RUNNING") return "delivered";
      const record = readRun(runDir);
      if (!isHere(tracking, record?.trackingUri)) return "waiting";
      const outcome = { status: run.status, isResumable: run.isResumable, endedAt: run.endedAt, error: run.error };
      try {
        // Its outcome there is a later one.
        if (wasResumedElsewhere(record, (await tracking.client.getRun(runId)).tags)) return "delivered";
        await tellOutcome(tracking.client, runId, { outcome, stage: run.stage ?? undefined });
      } catch (error) {
        // A run that was deleted there needs no outcome.
        if (!isNotFound(error)) throw error;
      }
      releaseRun(runDir);
      return "delivered";
    },
  };
}
