import type { ResultName, StageResults } from "../../../contract/runs/stage-results.ts";
import type { Core } from "../../../foundation/context.ts";
import type { OpenRun } from "../pipeline/open-run.ts";
import { stageRecord } from "../stages/pipelines.ts";
import { putMetrics } from "../store.ts";

/** Publishes the result of a stage to MLflow and the catalogue. Idempotent: a resumed run sends the same again. */
export async function publishStage<Name extends ResultName>(
  name: Name,
  result: StageResults[Name],
  { core, run }: { readonly core: Pick<Core, "catalogue">; readonly run: OpenRun },
): Promise<void> {
  const { client } = run.tracking;
  const { runId, startedAt: timestamp } = run.record;
  const record = stageRecord(name);
  const { datasets = [], ...batch } = record.publish(result);
  if (Object.keys(batch).length > 0) await client.logBatch({ runId, ...batch });
  if (datasets.length > 0) await client.logInputs({ runId, datasets });
  const metrics = Object.entries(record.metrics(result)).map(([key, value]) => ({ key, value, step: 0, timestamp }));
  if (metrics.length === 0) return;
  await client.logBatch({ runId, metrics });
  putMetrics(core.catalogue(), runId, metrics);
}
