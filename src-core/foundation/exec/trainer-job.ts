import { availableParallelism } from "node:os";
import path from "node:path";
import type { TrainerEvent } from "../../contract/jobs.ts";
import type { AskedJob, JobSpec } from "../../contract/trainer/job-specs.ts";
import { fileDigest } from "../files/digest.ts";
import { writeJsonDurable } from "../files/durable.ts";
import { jobError } from "./job-error.ts";
import type { JobInput } from "./job-files.ts";
import { localExecutor } from "./local.ts";
import { type JobRecord, type JobResult, runJob } from "./run-job.ts";
import { trainerEnvironment } from "./trainer-environment.ts";

/** One program of the trainer as a job of a run; its specification lacks the paths that `runTrainerJob` adds. */
export type TrainerJob = AskedJob & {
  readonly runId: string;
  /** Absolute folder of the run; the job's own folder is made in it. */
  readonly runDir: string;
  readonly jobId: string;
  /** "Training", for messages. */
  readonly what: string;
  /** Absolute path of the interpreter. */
  readonly python: string;
  readonly threads: number;
  readonly inputs: readonly JobInput[];
  /** Below the job's folder, POSIX. */
  readonly expectedOutputs: readonly string[];
};

export interface TrainerJobOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly record: JobRecord;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: TrainerEvent) => void | Promise<void>;
}

export function jobFolder(job: Pick<TrainerJob, "runDir" | "jobId">): string {
  return path.join(job.runDir, job.jobId);
}

/** Below this many rows a second thread costs more in waiting than it computes. */
const rowsPerThread = 20_000;

/** Cores a job may use: what the project's executor says, else as many as its rows are worth; one where other jobs run beside it. */
export function threadsOf(
  executors: { readonly local?: { readonly threads?: number | undefined } | undefined } | undefined,
  { rows, isOneOfMany }: { readonly rows: number; readonly isOneOfMany: boolean },
): number {
  if (isOneOfMany) return 1;
  return executors?.local?.threads ?? Math.min(availableParallelism(), Math.max(1, Math.ceil(rows / rowsPerThread)));
}

/**
 * Runs a program of the trainer as a detached job: starts it, or attaches to the same one that runs or has succeeded.
 * @throws the program's own error, jobs/*, files/disk-full, internal/cancelled
 */
export async function runTrainerJob(job: TrainerJob, options: TrainerJobOptions): Promise<JobResult> {
  const folder = jobFolder(job);
  const specFile = path.join(folder, "spec.json");
  const spec: JobSpec = {
    schema: 1,
    run_id: job.runId,
    threads: job.threads,
    ...job.spec,
    output_dir: path.join(folder, "outputs"),
    events_path: path.join(folder, "events.jsonl"),
  };
  writeJsonDurable(specFile, spec);
  const result = await runJob(
    {
      jobId: job.jobId,
      runId: job.runId,
      kind: job.command,
      folder,
      argv: [job.python, "-m", "signalbox_trainer", job.command, specFile],
      cwd: job.runDir,
      env: trainerEnvironment(job.threads),
      inputs: [...job.inputs, { path: specFile, sha256: fileDigest(specFile) }],
      expectedOutputs: job.expectedOutputs,
    },
    {
      executor: localExecutor({ env: options.env }),
      record: options.record,
      signal: options.signal,
      ...(options.onEvent === undefined ? {} : { onEvent: options.onEvent }),
    },
  );
  const error = jobError(job.what, result);
  if (error !== undefined) throw error;
  return result;
}
