import path from "node:path";
import { indexEntry } from "../../../src-core/areas/promotion/decide/record-decision.ts";
import { writeResult, writeRun } from "../../../src-core/areas/runs/record/record.ts";
import { putMetrics, putRun, type RunRow, setStage } from "../../../src-core/areas/runs/store.ts";
import type { DecisionBody, LedgerEntry } from "../../../src-core/contract/ledger.ts";
import type { Measured, StageResults } from "../../../src-core/contract/runs/stage-results.ts";
import type { WiredCore } from "../../../src-core/wiring/offers.ts";
import { decisionBody } from "../decision-body.ts";

/** A sha256 made of one letter, so that a test can name it. */
export const digestOf = (letter: string): string => letter.repeat(64);

const second = 1_000;
/** When the first of the recorded runs began; each next begins a minute later. */
export const firstStart = Date.UTC(2026, 0, 2, 3, 4, 5);

const file = (name: string, letter: string) => ({ path: name, sha256: digestOf(letter), sizeBytes: 10 });
const side = (name: string, letter: string, rows: number) => ({
  ...file(name, letter),
  rows,
  rowDigest: `rows-${letter}`,
});
const measured = (value: number, more: Partial<Measured> = {}): Measured => ({
  ...{ value, low: value - 0.5, high: value + 0.5, method: "percentile bootstrap, 999 replicates", confidence: 0.95 },
  ...{ n: 80, note: null, whyNoInterval: null, ...more },
});

export interface RecordedRun {
  readonly runId: string;
  readonly rmse?: number;
  readonly row?: Partial<RunRow>;
  /** How far it came: stages after this one have no result. */
  readonly until?: "split" | "train" | "evaluate";
}

const stages = ["split", "version", "train", "evaluate"] as const;

/** Records a run as the pipeline leaves one that came to `until`: its rows, its folder's record and the results of its stages. */
export function recordRun(core: WiredCore, { runId, rmse = 2, row = {}, until = "evaluate" }: RecordedRun): number {
  const catalogue = core.catalogue();
  const runDir = path.join(core.project().paths.runs, runId);
  const params = {
    split_version: "1",
    feature_version: "1",
    model_version: "1",
    data_contract_version: "1",
    seed: "42",
  };
  const number = catalogue.write((writer) => {
    const next = Number(writer.get("SELECT count(*) AS runs FROM runs")?.runs);
    const startedAt = firstStart + next * 60 * second;
    return putRun(writer, {
      ...{
        runId,
        name: "split1-feature1-model1",
        experiment: "shops_training",
        status: "FINISHED",
        isResumable: false,
      },
      ...{
        fingerprint: `fingerprint of ${runId}`,
        stage: null,
        verdict: null,
        startedAt,
        endedAt: startedAt + 30 * second,
      },
      versions: { split_version: 1, feature_version: 1, model_version: 1, data_contract_version: 1 },
      ...{ error: null, params, ...row },
    });
  });
  const startedAt = firstStart + (number - 1) * 60 * second;
  writeRun(runDir, {
    ...{ schema: 1, runId, number, name: "split1-feature1-model1", experiment: "shops_training", experimentId: "7" },
    ...{
      requestId: null,
      trackingUri: "http://127.0.0.1:9",
      fingerprint: `fingerprint of ${runId}`,
      seed: 42,
      attempts: [],
      startedAt,
    },
    versions: { split_version: 1, feature_version: 1, model_version: 1, data_contract_version: 1 },
    params,
  });
  const results = resultsOf(runId, rmse);
  for (const [at, stage] of stages.slice(0, stages.indexOf(until) + 1).entries()) {
    writeResult(runDir, stage, results[stage]);
    const began = startedAt + at * 5 * second;
    catalogue.write((writer) =>
      setStage(writer, runId, { stage, state: "finished", startedAt: began, endedAt: began + 2 * second }),
    );
  }
  const point = (key: string, step: number, value: number) => ({ key, step, value, timestamp: startedAt });
  if (until !== "split") putMetrics(catalogue, runId, [point("train_loss", 0, 9), point("train_loss", 1, 4)]);
  if (until === "evaluate") putMetrics(catalogue, runId, [point("reference_rmse", 0, rmse)]);
  return number;
}

function resultsOf(runId: string, rmse: number): Omit<StageResults, "decide"> {
  const versioned = (name: string) => ({
    path: name,
    dvcFile: `${name}.dvc`,
    hash: `md5 of ${name}`,
    sizeBytes: 10,
    files: 1,
  });
  const reference = side("data/reference/tests/v1/test_reference.parquet", "c", 80);
  const recent = side("data/splits/v1/optional_tests/recent.parquet", "d", 20);
  return {
    split: {
      ...{
        splitVersion: 1,
        masterSha256: digestOf("a"),
        train: side("data/splits/v1/train.parquet", "b", 320),
        reference,
      },
      ...{
        optional: [{ name: "recent", ...recent }],
        skipped: [],
        manifest: file("data/splits/v1/manifest.json", "e"),
      },
      ...{ isReferenceNew: true, group: ["shop"], rowCounts: { train: 320, reference: 80 }, checks: [] },
      warnings: ["two columns are nearly equal"],
    },
    version: {
      master: [versioned("data/master.parquet")],
      split: versioned("data/splits/v1"),
      reference: versioned("data/reference/tests/v1/test_reference.parquet"),
      pushed: false,
    },
    train: {
      ...{
        jobId: `${runId}/train`,
        modelDir: `.signalbox/runs/${runId}/train/outputs/model`,
        modelDigest: digestOf("f"),
      },
      ...{ canonicalDigest: digestOf("9"), canonicalNote: null, files: [], modelType: "ridge", trainedRows: 320 },
      ...{ features: ["area", "staff"], metrics: {}, params: {}, fitSeconds: 1.5, peakMemoryBytes: null },
    },
    evaluate: {
      ...{ modelUri: `runs:/${runId}/model`, modelDigest: digestOf("f"), referenceReadsBefore: 0 },
      sets: [
        {
          ...{
            name: "reference",
            kind: "reference",
            data: reference,
            predictions: file("p.parquet", "8"),
            classes: [],
            unseenClasses: {},
          },
          metrics: { rmse: measured(rmse), mae: measured(rmse / 2, { note: "by rows alone" }) },
        },
        {
          ...{
            name: "recent",
            kind: "optional",
            data: recent,
            predictions: file("q.parquet", "7"),
            classes: [],
            unseenClasses: {},
          },
          metrics: { rmse: measured(rmse + 1, { n: 20 }) },
        },
      ],
    },
  };
}

export interface RecordedDecision {
  readonly runId: string;
  readonly version: string;
  readonly alias: DecisionBody["alias"];
  readonly more?: Partial<DecisionBody>;
}

/** Records a decision on a run as the pipeline's last stage does: the ledger's entry and the rows that index it. */
export async function recordDecision(
  core: WiredCore,
  { runId, version, alias, more }: RecordedDecision,
): Promise<LedgerEntry> {
  const modelName = core.project().registeredModel;
  const body = { ...decisionBody({ runId, modelName, version, alias, useStages: false }), ...more };
  const entry = await core.ledger.append({ kind: "decision", actor: "ada", body });
  indexEntry(core, entry);
  const decidedAt = Date.parse(entry.at);
  core.catalogue().write((writer) =>
    setStage(writer, runId, {
      stage: "decide",
      state: "finished",
      startedAt: decidedAt,
      endedAt: decidedAt,
      verdict: body.verdict,
    }),
  );
  return entry;
}

/** Records that a person moved production. */
export async function recordMove(
  core: WiredCore,
  kind: "override" | "rollback",
  it: { readonly runId: string; readonly from: string | null; readonly to: string; readonly decisionIndex: number },
): Promise<void> {
  const body = {
    ...{ runId: it.runId, modelName: core.project().registeredModel, fromVersion: it.from, toVersion: it.to },
    ...{ reason: "the harbour asked for it", decisionIndex: it.decisionIndex },
  };
  indexEntry(core, await core.ledger.append({ kind, actor: "ada", body }));
}
