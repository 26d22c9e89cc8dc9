import { readdirSync } from "node:fs";
import path from "node:path";
import type { TrainerEvent } from "../../contract/jobs.ts";
import type { AskedJob, JobSpec } from "../../contract/trainer/job-specs.ts";
import { jobError } from "./job-error.ts";
import { documentName } from "./job-spec.ts";
import type { Capacity, JobSource, Place, PythonEnvironment } from "./place.ts";
import { type JobRecord, type JobResult, runJob } from "./run-job.ts";
import { trainerEnvironment } from "./trainer-environment.ts";

/**
 * One program of the trainer as a job of a run. Its specification names files as the job's folder has them, `inputs/…` and `outputs/…`;
 * it lacks the two paths that `runTrainerJob` adds.
 */
export type TrainerJob = AskedJob & {
  readonly runId: string;
  /** Absolute folder of the run; the job's own folder is made in it. */
  readonly runDir: string;
  readonly jobId: string;
  /** "Training", for messages. */
  readonly what: string;
  readonly python: PythonEnvironment;
  readonly threads: number;
  /** Tables that it reads. */
  readonly inputs: readonly JobSource[];
  /** What it has beside them: saved models, held-out predictions, the project's own modules. */
  readonly parts: readonly JobSource[];
  /** Below the job's folder, POSIX. */
  readonly expectedOutputs: readonly string[];
};

export interface TrainerJobOptions {
  readonly place: Place;
  readonly record: JobRecord;
  readonly signal: AbortSignal;
  readonly onEvent?: (event: TrainerEvent) => void | Promise<void>;
}

export function jobFolder(job: Pick<TrainerJob, "runDir" | "jobId">): string {
  return path.join(job.runDir, job.jobId);
}

/** Where a job finds the modules of the project's own, if its model is made by one. */
export const projectInput = "inputs/project";

/**
 * What can be a module of the project's own: its folders and Python files, for a job with a model type that is one. Hidden ones aren't:
 * a link to the folder that jobs are in would make a circle.
 */
export function ownModules(projectDir: string, types: readonly string[]): readonly JobSource[] {
  if (!types.some((type) => type.includes("python:"))) return [];
  return readdirSync(projectDir, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith(".") && (entry.isDirectory() || entry.name.endsWith(".py")))
    .map(({ name }) => ({ path: `${projectInput}/${name}`, from: path.join(projectDir, name), sha256: null }));
}

/** Below this many rows a second thread costs more in waiting than it computes. */
const rowsPerThread = 20_000;

/** Cores a job may use: what the project's executor says, else as many as its rows are worth; one where other jobs run beside it. */
export function threadsOf(
  executors: { readonly local?: { readonly threads?: number | undefined } | undefined } | undefined,
  { cores }: Pick<Capacity, "cores">,
  { rows, isOneOfMany }: { readonly rows: number; readonly isOneOfMany: boolean },
): number {
  if (isOneOfMany) return 1;
  return executors?.local?.threads ?? Math.min(cores, Math.max(1, Math.ceil(rows / rowsPerThread)));
}

/**
 * Runs a program of the trainer as a detached job: starts it, or attaches to the same one that runs or has succeeded.
 * @throws the program's own error, jobs/*, files/disk-full, internal/cancelled
 */
export async function runTrainerJob(job: TrainerJob, options: TrainerJobOptions): Promise<JobResult> {
  const spec: JobSpec = {
    schema: 1,
    run_id: job.runId,
    threads: job.threads,
    ...job.spec,
    output_dir: "outputs",
    events_path: "events.jsonl",
  };
  const result = await runJob(
    {
      jobId: job.jobId,
      runId: job.runId,
      kind: job.command,
      folder: jobFolder(job),
      argv: ["python", "-m", "signalbox_trainer", job.command, documentName],
      python: job.python,
      env: trainerEnvironment(job.threads),
      document: spec,
      inputs: [...job.inputs, ...job.parts],
      expectedOutputs: job.expectedOutputs,
    },
    options,
  );
  const error = jobError(job.what, result);
  if (error !== undefined) throw error;
  return result;
}
