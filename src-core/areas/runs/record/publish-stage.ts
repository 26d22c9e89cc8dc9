import type { StageResults } from "../../../contract/runs/stage-results.ts";
import type { Core } from "../../../foundation/context.ts";
import type { OpenRun } from "../pipeline/open-run.ts";
import { putMetrics } from "../store.ts";
import { evaluationMetrics, splitParams, trainingMetrics, versionParams } from "./params.ts";
import type { ResultName } from "./record.ts";

/** Digests of MLflow datasets are at most 36 characters long: the first 32 of a sha256. */
const datasetDigest = (sha256: string): string => sha256.slice(0, 32);

/** Tells MLflow and the catalogue what a stage found. Idempotent: sent again as it was when a run is resumed. */
export async function publishStage<Name extends ResultName>(
  name: Name,
  result: StageResults[Name],
  { core, run }: { readonly core: Pick<Core, "catalogue">; readonly run: OpenRun },
): Promise<void> {
  const { client } = run.tracking;
  const { runId } = run.record;
  const as = <Wanted extends ResultName>(wanted: Wanted): StageResults[Wanted] | undefined =>
    // The caller's name says which result this is; the comparison narrows it for the compiler.
    (name as ResultName) === wanted ? (result as unknown as StageResults[Wanted]) : undefined;
  const split = as("split");
  if (split !== undefined) {
    await client.logBatch({ runId, params: splitParams(split) });
    await client.logInputs({
      runId,
      datasets: [
        {
          name: "train",
          digest: datasetDigest(split.train.sha256),
          source: split.train.path,
          context: "training",
          rows: split.train.rows,
        },
        {
          name: "test_reference",
          digest: datasetDigest(split.reference.sha256),
          source: split.reference.path,
          context: "evaluation",
          rows: split.reference.rows,
        },
      ],
    });
  }
  const version = as("version");
  if (version !== undefined) await client.logBatch({ runId, params: versionParams(version) });
  const train = as("train");
  if (train !== undefined) {
    await client.logBatch({
      runId,
      params: prefixed(train.params),
      tags: { "signalbox.model_digest": train.modelDigest, "signalbox.canonical_digest": train.canonicalDigest },
    });
    await publishMetrics(trainingMetrics(train), { core, run });
  }
  const evaluation = as("evaluate");
  if (evaluation !== undefined) await publishMetrics(evaluationMetrics(evaluation), { core, run });
  const decision = as("decide");
  if (decision !== undefined) {
    await client.logBatch({
      runId,
      tags: {
        "signalbox.verdict": decision.gate.verdict,
        "signalbox.ledger_index": String(decision.ledgerIndex),
        "signalbox.ledger_hash": decision.ledgerHash,
      },
    });
  }
}

/** Parameters of the trainer under names of their own, so that none can take a lineage parameter's. */
function prefixed(params: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(params).map(([key, value]) => [`train.${key}`, value]));
}

async function publishMetrics(
  metrics: Readonly<Record<string, number>>,
  { core, run }: { readonly core: Pick<Core, "catalogue">; readonly run: OpenRun },
): Promise<void> {
  const timestamp = run.record.startedAt;
  const points = Object.entries(metrics).map(([key, value]) => ({ key, value, step: 0, timestamp }));
  await run.tracking.client.logBatch({ runId: run.record.runId, metrics: points });
  putMetrics(core.catalogue(), run.record.runId, points);
}

/** One line on what a stage found, for progress. */
export function describeStage<Name extends ResultName>(name: Name, result: StageResults[Name]): string {
  const text: { readonly [Key in ResultName]: (it: StageResults[Key]) => string } = {
    split: (it) =>
      `${count(it.train.rows)} training rows, ${count(it.reference.rows)} reference rows (${it.isReferenceNew ? "new" : "frozen"}), ${it.optional.length} optional tests`,
    version: (it) =>
      `split ${it.split.hash.slice(0, 12)}…, reference ${it.reference.hash.slice(0, 12)}…${it.pushed ? ", pushed" : ""}`,
    train: (it) => `${it.modelType} on ${count(it.trainedRows)} rows in ${it.fitSeconds.toFixed(1)} s`,
    evaluate: (it) =>
      `${it.sets.length} test${it.sets.length === 1 ? "" : "s"}, ${count(it.sets.reduce((sum, set) => sum + set.data.rows, 0))} rows scored`,
    decide: (it) => `${it.gate.verdict}: ${it.gate.reason}`,
  };
  return text[name](result);
}

const count = (value: number): string => value.toLocaleString("en-US");
