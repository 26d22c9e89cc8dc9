import path from "node:path";
import { AppError } from "../../contract/errors.ts";
import { metricsOf } from "../../contract/evaluation/metrics.ts";
import type { EvaluatedSet, EvaluateResult, SideFact } from "../../contract/runs/stage-results.ts";
import { clustersOf } from "../../foundation/compute/clusters.ts";
import { measureWithIntervals } from "../../foundation/compute/intervals.ts";
import { openComputePool } from "../../foundation/compute/pool.ts";
import type { StageContext } from "../../foundation/context.ts";
import { openDuck } from "../../foundation/duck/open.ts";
import type { ProjectPaths } from "../../foundation/files/paths.ts";
import { readPredictions } from "./predictions.ts";
import { type ScoredSet, scoreModel, type TestSet } from "./score.ts";

/** The log of every read of a reference test. */
export interface ReferenceReads {
  readonly countReferenceReads: (paths: ProjectPaths, sha256: string) => number;
  readonly recordReferenceRead: (
    paths: ProjectPaths,
    read: { readonly at: string; readonly runId: string; readonly purpose: string; readonly sha256: string },
  ) => void;
}

/**
 * The evaluate stage: the model as anyone would fetch it (`runs:/<run_id>/model`), digest-checked, scored on the reference test and on each
 * optional test; every metric of the task with a bootstrap interval, resampled by group where the split has one.
 */
export function evaluateStage(reads: ReferenceReads): (context: StageContext) => Promise<EvaluateResult> {
  return (context) => evaluate(context, reads);
}

async function evaluate(
  context: StageContext,
  { countReferenceReads, recordReferenceRead }: ReferenceReads,
): Promise<EvaluateResult> {
  const { core, project, configs, results } = context;
  const { split, train } = results;
  if (split === undefined || train === undefined)
    throw new AppError({ code: "runs/stage-blocked", message: "Evaluation needs the results of split and train." });
  const readsBefore = countReferenceReads(project.paths, split.reference.sha256);
  recordReferenceRead(project.paths, {
    at: core.clock.now().toISOString(),
    runId: context.runId,
    purpose: "evaluate",
    sha256: split.reference.sha256,
  });
  const tests: readonly TestSet[] = [
    { name: "reference", data: split.reference },
    ...split.optional.map(({ name, ...data }) => ({ name, data: data as SideFact })),
  ];
  const scored = await scoreModel(context, {
    jobId: "evaluate",
    what: "Evaluation",
    model: { runId: context.runId, type: train.modelType, digest: train.modelDigest },
    sets: tests,
    positiveClass: project.config.positive_class ?? null,
  });
  const duck = await openDuck({ tempDirectory: path.join(context.runDir, "duck"), signal: context.signal });
  const pool = openComputePool();
  try {
    const sets: EvaluatedSet[] = [];
    for (const set of scored) {
      context.report({ done: sets.length, total: scored.length, unit: "tests", message: `measuring ${set.name}` });
      sets.push(await measureSet(set));
    }
    return {
      modelUri: `runs:/${context.runId}/model`,
      modelDigest: train.modelDigest,
      sets,
      referenceReadsBefore: readsBefore,
    };
  } finally {
    await pool.close();
    duck.close();
  }

  async function measureSet(set: ScoredSet): Promise<EvaluatedSet> {
    const { task } = project.config;
    const read = await readPredictions(duck, {
      predictionsFile: path.join(core.projectDir, set.predictions.path),
      dataFile: path.join(core.projectDir, set.data.path),
      primaryKey: configs.dataContract.value.primary_key,
      group: split?.group ?? [],
      task,
      modelClasses: set.classes,
      classes: set.classes,
    });
    const clusters = clustersOf(read.clusters);
    const metrics = await measureWithIntervals(
      {
        rows: {
          task,
          target: read.target,
          prediction: read.prediction,
          classCount: task === "regression" ? 1 : set.classes.length,
          classNames: set.classes,
          unseenClasses: read.unseenClasses,
        },
        metrics: metricsOf(task, { hasGroup: clusters !== null }),
        clusters: clusters === null ? null : { ...clusters, by: split?.group ?? [] },
        seed: context.seed,
        signal: context.signal,
      },
      pool,
    );
    return {
      name: set.name,
      kind: set.name === "reference" ? "reference" : "optional",
      data: set.data,
      predictions: set.predictions,
      classes: [...set.classes],
      metrics,
    };
  }
}
