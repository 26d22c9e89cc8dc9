import { byKind, versionKeyOf } from "../../../contract/configs/config-kinds.ts";
import { isErrorCode } from "../../../contract/errors.ts";
import { resultNames } from "../../../contract/runs/stage-results.ts";
import type { MlflowRun } from "../../../foundation/mlflow/http/schemas.ts";
import { isStartParam, stageRecord } from "../stages/pipelines.ts";
import type { MetricPoint, StageRow } from "../store.ts";
import type { RestoredRun } from "./restore-runs.ts";

/**
 * Restores a run from MLflow if its folder was deleted. MLflow doesn't have the times of the stages (the start of the run is used instead)
 * and the hint of an error.
 * @param metrics the run's metrics as the pipeline published them: at step 0, at the time of the run's start
 * @returns undefined for a run that isn't from Signalbox or ended before its parameters were logged
 */
export function fromTracking(
  run: MlflowRun,
  it: { readonly experiment: string; readonly metrics: readonly MetricPoint[] },
): RestoredRun | undefined {
  const { params, tags } = run;
  const versions = byKind(versionKeyOf, (kind) => Number(params[versionKeyOf(kind)]));
  const fingerprint = tags["signalbox.fingerprint"];
  if (fingerprint === undefined || !Object.values(versions).every(Number.isInteger)) return undefined;
  const stages = stagesOf(run);
  const number = Number(tags["signalbox.run_number"]);
  return {
    row: {
      runId: run.runId,
      number: Number.isInteger(number) && number > 0 ? number : null,
      name: run.name,
      experiment: it.experiment,
      status: run.status === "SCHEDULED" ? "RUNNING" : run.status,
      isResumable: tags.resumable === "true",
      fingerprint,
      versions,
      stage: stages.at(-1)?.stage ?? "start",
      verdict: tags["signalbox.verdict"] ?? null,
      startedAt: run.startTimeMs,
      endedAt: run.endTimeMs,
      error: errorOf(run),
      params: Object.fromEntries(Object.entries(params).filter(([key]) => isStartParam(key))),
    },
    stages,
    metrics: it.metrics,
  };
}

/** The tags of an error remain when a resumed run succeeds, so only a failed run has an error. */
function errorOf({ tags, status }: MlflowRun): RestoredRun["row"]["error"] {
  const code = tags["signalbox.error_code"];
  if (status === "FINISHED" || status === "RUNNING" || !isErrorCode(code)) return null;
  return { code, message: tags["signalbox.error"] ?? "" };
}

/** A stage is finished if MLflow has what it publishes. */
function stagesOf(run: MlflowRun): readonly StageRow[] {
  const { tags } = run;
  const times = { startedAt: run.startTimeMs, endedAt: run.endTimeMs };
  const error = errorOf(run);
  return resultNames.flatMap((stage): readonly StageRow[] => {
    if (stageRecord(stage).isPublished(run)) return [{ stage, state: "finished", ...times, error: null }];
    if (error === null || tags["signalbox.failed_stage"] !== stage) return [];
    return [{ stage, state: run.status === "KILLED" ? "cancelled" : "failed", ...times, error }];
  });
}

/** Selects points that `publishStage` sends, without curves that the trainer streamed with other steps. */
export function publishedPoints(run: MlflowRun): {
  readonly points: readonly MetricPoint[];
  /** Keys whose last point is another one, so their history must be requested. */
  readonly streamed: readonly string[];
} {
  const isPublished = (point: MetricPoint) => point.step === 0 && point.timestamp === run.startTimeMs;
  return {
    points: run.points.filter(isPublished),
    streamed: run.points.filter((point) => !isPublished(point)).map((point) => point.key),
  };
}
