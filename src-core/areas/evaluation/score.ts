import path from "node:path";
import * as z from "zod";
import { counted, formatCount } from "../../../src-view/numbers.ts";
import { keyColumns } from "../../contract/configs/primary-key.ts";
import { AppError } from "../../contract/errors.ts";
import type { FileFact, SideFact } from "../../contract/runs/stage-results.ts";
import type { StageContext } from "../../foundation/context.ts";
import { jobFolder, runTrainerJob, type TrainerJob, threadsOf } from "../../foundation/exec/trainer-job.ts";
import { readText } from "../../foundation/files/durable.ts";
import { modelGroups } from "../configs/check/model-types.ts";

export interface TestSet {
  readonly name: string;
  readonly data: SideFact;
}

export interface ScoreRequest {
  /** Folder name of the job below the run: "evaluate". */
  readonly jobId: string;
  /** "Evaluation", for messages. */
  readonly what: string;
  readonly model: {
    /** The run whose artifact `model` it is. */
    readonly runId: string;
    readonly type: string;
    /** What training recorded; a model whose files don't match is refused before it is loaded. */
    readonly digest: string;
  };
  readonly sets: readonly TestSet[];
  /** Class whose probability a binary model is measured by; null: the larger of the model's own two. */
  readonly positiveClass: string | number | boolean | null;
}

export interface ScoredSet extends TestSet {
  readonly predictions: FileFact;
  /** Class order of the model's probabilities; empty for a regression. */
  readonly classes: readonly string[];
  /** Rows of each class of the test that the model doesn't know. */
  readonly unseenClasses: Readonly<Record<string, number>>;
}

const modelInput = "inputs/model";

const evaluationFileSchema = z.object({
  schema: z.literal(1),
  sets: z.array(
    z.object({
      name: z.string(),
      rows: z.number(),
      predictions_path: z.string(),
      sha256: z.string(),
      size_bytes: z.number(),
      classes: z.array(z.string()),
      unseen_classes: z.record(z.string(), z.number()),
    }),
  ),
});

/**
 * Fetches a model back from its run, compares its digest, loads it in a child process without secrets and scores it on tests. Per-row
 * predictions and losses stay in the job's folder, as Parquet by primary key.
 * @throws evaluation/*, jobs/*, tracking/*
 */
export async function scoreModel(context: StageContext, request: ScoreRequest): Promise<readonly ScoredSet[]> {
  const { core, place, project, configs, runDir } = context;
  const { model } = request;
  const modelDir = path.join(runDir, request.jobId, "model");
  await context.tracking.client.downloadFolder({
    runId: model.runId,
    artifactPath: "model",
    into: modelDir,
    signal: context.signal,
  });
  const python = await place.python(modelGroups(model.type), context.report);
  const inputOf = (name: string) => `inputs/${name}.parquet`;
  const predictionsOf = (name: string) => `outputs/${name}.parquet`;
  const job: TrainerJob = {
    runId: context.runId,
    runDir,
    jobId: request.jobId,
    command: "evaluate",
    what: request.what,
    python,
    threads: threadsOf(project.config.executors, await place.capacity(), {
      rows: Math.max(...request.sets.map((set) => set.data.rows)),
      isOneOfMany: context.planRun !== undefined,
    }),
    spec: {
      model_dir: modelInput,
      model_type: model.type,
      expected_digest: model.digest,
      explicit_trust: false,
      task: project.config.task,
      target: project.config.target,
      positive_class: request.positiveClass,
      primary_key: [...keyColumns(configs.dataContract.value)],
      contract: configs.dataContract.value,
      sets: request.sets.map((set) => ({
        name: set.name,
        path: inputOf(set.name),
        predictions_path: predictionsOf(set.name),
      })),
    },
    inputs: request.sets.map(({ name, data }) => ({
      path: inputOf(name),
      from: path.join(core.projectDir, data.path),
      sha256: data.sha256,
    })),
    parts: [{ path: modelInput, from: modelDir, sha256: model.digest }],
    expectedOutputs: ["outputs/evaluation.json", ...request.sets.map((set) => predictionsOf(set.name))],
  };
  await runTrainerJob(job, {
    place,
    record: core.jobs.record(),
    signal: context.signal,
    onEvent: (event) => {
      if (event.type === "progress")
        context.report({ done: event.done, total: event.total ?? event.done, unit: event.unit ?? "rows" });
      if (event.type === "phase") context.report({ message: event.name === "load" ? "loading the model" : event.name });
      if (event.type === "warning") context.report({ message: event.message });
    },
  });
  return readScores(jobFolder(job), context, request.sets);
}

function readScores(folder: string, { core }: StageContext, sets: readonly TestSet[]): readonly ScoredSet[] {
  const file = path.join(folder, "outputs", "evaluation.json");
  const found = evaluationFileSchema.parse(JSON.parse(readText(file))).sets;
  return sets.map((set) => {
    const scored = found.find((it) => it.name === set.name);
    if (scored === undefined || scored.rows !== set.data.rows) {
      throw new AppError({
        code: "evaluation/failed",
        message: `The test ${set.name} has ${counted(set.data.rows, "row")}; ${scored === undefined ? "none" : formatCount(scored.rows)} were scored.`,
        hint: "See the job's output.log; then resume the run.",
      });
    }
    return {
      ...set,
      classes: scored.classes,
      unseenClasses: scored.unseen_classes,
      predictions: {
        // Below the job's folder; absolute where version 0.1 wrote it.
        path: path.relative(core.projectDir, path.resolve(folder, scored.predictions_path)),
        sha256: scored.sha256,
        sizeBytes: scored.size_bytes,
      },
    };
  });
}
