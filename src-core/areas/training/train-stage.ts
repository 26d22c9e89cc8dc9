import { rmSync } from "node:fs";
import path from "node:path";
import { AppError } from "../../contract/errors.ts";
import type { TrainerEvent } from "../../contract/jobs.ts";
import { modelTypeOf } from "../../contract/routing/plan-run.ts";
import type { TrainResult } from "../../contract/runs/stage-results.ts";
import type { StageContext } from "../../foundation/context.ts";
import {
  jobFolder,
  ownModules,
  projectInput,
  runTrainerJob,
  type TrainerJob,
  threadsOf,
} from "../../foundation/exec/trainer-job.ts";
import { modelGroups } from "../configs/check/model-types.ts";
import { compositeParts } from "./composite.ts";
import { metricStream } from "./metric-stream.ts";
import { ofModelFile } from "./model-file-error.ts";
import { preflight } from "./preflight.ts";
import { readTraining } from "./result-file.ts";

const trainInput = "inputs/train.parquet";

/**
 * The train stage: the trainer as a detached job, its metrics followed into MLflow, its model uploaded as the one artifact `model`,
 * complete or not at all.
 */
export async function trainStage(context: StageContext): Promise<TrainResult> {
  const { core, place, project, configs, results, runDir, tracking } = context;
  const split = results.split;
  if (split === undefined)
    throw new AppError({ code: "runs/stage-blocked", message: "Training needs the split's result." });
  const trainFile = path.join(core.projectDir, split.train.path);
  const memoryGib = project.config.executors?.local?.memory_gib;
  const capacity = await place.capacity();
  preflight({
    projectDir: core.projectDir,
    train: split.train,
    trainFile,
    memoryBytes: memoryGib === undefined ? capacity.freeMemoryBytes : memoryGib * 2 ** 30,
  });
  await tracking.client.probeArtifacts({ runId: context.runId });
  const type = context.planRun === undefined ? configs.model.value.model.type : modelTypeOf(context.planRun);
  const python = await place.python(modelGroups(type), context.report);
  const threads = threadsOf(project.config.executors, capacity, {
    rows: split.train.rows,
    isOneOfMany: context.planRun !== undefined,
  });
  const composite = await compositeParts(context);
  const job: TrainerJob = {
    runId: context.runId,
    runDir,
    jobId: "train",
    command: "train",
    what: "Training",
    python,
    threads,
    spec: {
      project_dir: projectInput,
      train_path: trainInput,
      task: project.config.task,
      target: project.config.target,
      positive_class: project.config.positive_class ?? null,
      contract: configs.dataContract.value,
      feature: configs.feature.value,
      model: configs.model.value,
      seed: context.seed,
      ...composite.spec,
    },
    inputs: [{ path: trainInput, from: trainFile, sha256: split.train.sha256 }],
    parts: [
      ...composite.parts,
      ...ownModules(core.projectDir, [type, ...(context.planRun?.members ?? []).map((member) => member.modelType)]),
    ],
    expectedOutputs: ["outputs/model", "outputs/training.json"],
  };
  const metrics = metricStream(context);
  await runTrainerJob(job, {
    place,
    record: core.jobs.record(),
    signal: context.signal,
    onEvent: async (event) => {
      report(context, event);
      await metrics.take(event);
    },
  }).catch((error: unknown) => {
    throw ofModelFile(error, configs.model);
  });
  await metrics.flush();
  const outputs = path.join(jobFolder(job), "outputs");
  const modelDir = path.join(outputs, "model");
  const result = readOutputs(outputs, { jobId: job.jobId, modelDir: path.relative(core.projectDir, modelDir) });
  context.report({ message: "uploading the model" });
  await tracking.client.uploadFolder({
    runId: context.runId,
    folder: modelDir,
    artifactPath: "model",
    last: "MLmodel",
    signal: context.signal,
    onProgress: (done, total) => context.report({ done, total, unit: "bytes", message: "uploading the model" }),
  });
  return result;
}

/** The trainer's phases as people read them. */
const phases: Readonly<Record<string, string>> = {
  load: "reading the training rows",
  fit: "fitting",
  score: "scoring the training rows",
  save: "writing the model",
  digest: "computing the digests of the model",
};

/** A result that can't be used must not count as the job's success: without it the job is run again when the run is resumed. */
function readOutputs(outputs: string, place: { readonly jobId: string; readonly modelDir: string }): TrainResult {
  const file = path.join(outputs, "training.json");
  try {
    return readTraining(file, place);
  } catch (error) {
    rmSync(file, { force: true });
    throw error;
  }
}

function report(context: StageContext, event: TrainerEvent): void {
  if (event.type === "progress")
    context.report({
      done: event.done,
      ...(event.total === undefined || event.total === null ? {} : { total: event.total }),
      unit: event.unit ?? "steps",
    });
  if (event.type === "phase") context.report({ message: phases[event.name] ?? event.name });
  if (event.type === "warning") context.report({ message: event.message });
}
