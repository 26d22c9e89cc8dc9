import path from "node:path";
import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import type { StageContext } from "../../foundation/context.ts";
import { jobFolder, runTrainerJob, type TrainerJob } from "../../foundation/exec/trainer-job.ts";
import { readText } from "../../foundation/files/durable.ts";
import { modelGroups } from "../configs/check/model-types.ts";
import type { ScoreRequest } from "./score.ts";

/** Milliseconds that a model took for one row: quantiles over `calls` predictions. */
export interface Latency {
  readonly calls: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

const tableInput = "inputs/train.parquet";

const latencyFileSchema = z.object({
  schema: z.literal(1),
  models: z.array(z.object({ name: z.string(), calls: z.number(), p50_ms: z.number(), p95_ms: z.number() })),
});

/**
 * Times single predictions of some models in one job on one thread, in turns on the same rows of the train set (the reference test isn't
 * read for it). In the order of `models`.
 * @throws evaluation/*, jobs/*, tracking/*
 */
export async function measureLatency(
  context: StageContext,
  models: readonly ScoreRequest["model"][],
): Promise<readonly Latency[]> {
  const { core, place, project, runDir, results } = context;
  const { split } = results;
  if (split === undefined)
    throw new AppError({ code: "runs/stage-blocked", message: "Timing a model needs the result of split." });
  const jobId = "latency";
  const table = path.join(core.projectDir, split.train.path);
  const timed = models.map((model, index) => ({
    ...model,
    name: `model-${index}`,
    input: `inputs/model-${index}`,
    dir: path.join(runDir, jobId, `model-${index}`),
  }));
  for (const { runId, dir } of timed)
    await context.tracking.client.downloadFolder({ runId, artifactPath: "model", into: dir, signal: context.signal });
  const groups = new Set(models.flatMap(({ type }) => modelGroups(type)));
  const python = await place.python([...groups], context.report);
  const job: TrainerJob = {
    runId: context.runId,
    runDir,
    jobId,
    command: "latency",
    what: "Timing predictions",
    python,
    threads: 1,
    spec: {
      task: project.config.task,
      table: tableInput,
      models: timed.map(({ name, input, type, digest }) => ({
        name,
        model_dir: input,
        model_type: type,
        expected_digest: digest,
      })),
    },
    inputs: [{ path: tableInput, from: table, sha256: split.train.sha256 }],
    parts: timed.map(({ input, dir, digest }) => ({ path: input, from: dir, sha256: digest })),
    expectedOutputs: ["outputs/latency.json"],
  };
  context.report({ message: "timing predictions of one row" });
  await runTrainerJob(job, { place, record: core.jobs.record(), signal: context.signal });
  const found = latencyFileSchema.parse(JSON.parse(readText(path.join(jobFolder(job), "outputs", "latency.json"))));
  return found.models.map(({ calls, p50_ms, p95_ms }) => ({ calls, p50Ms: p50_ms, p95Ms: p95_ms }));
}
