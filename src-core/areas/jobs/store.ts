import { type EncodedError, encodeError } from "../../contract/errors.ts";
import { noteChange } from "../../foundation/catalogue/changes.ts";
import type { Catalogue, CatalogueReader, CatalogueWriter } from "../../foundation/catalogue/open.ts";
import type { Clock } from "../../foundation/context.ts";
import type { JobRequest } from "../../foundation/exec/executor.ts";
import type { JobStatus } from "../../foundation/exec/job-status.ts";
import type { JobRecord } from "../../foundation/exec/run-job.ts";

/** Rows about jobs: an index of their folders, which are the truth. */

export interface JobRow {
  readonly jobId: string;
  readonly runId: string;
  readonly folder: string;
}

/** A job's row is named by run and job: "train" exists in every run. */
function jobKey(request: Pick<JobRequest, "runId" | "jobId">): string {
  return `${request.runId}/${request.jobId}`;
}

/** Writes the course of jobs into the catalogue; `linkRun` notes which run the long operation at work, if one is, works on. */
export function jobRecord(catalogue: Catalogue, clock: Clock, linkRun: (runId: string) => void): JobRecord {
  return {
    started: (request, attempt) => {
      const { runId, kind, folder } = request;
      insertAttempt(catalogue, { key: jobKey(request), runId, kind, folder, attempt, now: clock.now() });
      linkRun(runId);
    },
    settled: (request, status, error) =>
      settleJob(catalogue, jobKey(request), {
        status,
        error: error === undefined ? undefined : encodeError(error),
        now: clock.now(),
      }),
  };
}

interface StartedAttempt {
  readonly key: string;
  readonly runId: string;
  readonly kind: string;
  readonly folder: string;
  readonly attempt: number;
  readonly now: Date;
}

function insertAttempt(catalogue: Catalogue, it: StartedAttempt): void {
  catalogue.write((writer) => {
    writer.run(
      "INSERT INTO jobs (job_id, run_id, kind, folder, state, created_at) VALUES (?, ?, ?, ?, 'running', ?) " +
        "ON CONFLICT (job_id) DO UPDATE SET state = 'running'",
      it.key,
      it.runId,
      it.kind,
      it.folder,
      it.now.getTime(),
    );
    writer.run(
      "INSERT INTO job_attempts (job_id, attempt, state, started_at) VALUES (?, ?, 'running', ?) ON CONFLICT DO NOTHING",
      it.key,
      it.attempt,
      it.now.getTime(),
    );
    noteChange(writer, "runs", [it.runId]);
  });
}

/** The run of a job by its key: runs are what jobs are told as. */
function runOfKey(key: string): string {
  return key.slice(0, key.lastIndexOf("/"));
}

/** Writes how the current attempt ended. */
export function settleJob(catalogue: Catalogue, key: string, it: JobEnd): void {
  const { status, error, now } = it;
  const endedAt = status.exit === undefined ? now.getTime() : Date.parse(status.exit.ended_at);
  catalogue.write((writer) => {
    writer.run("UPDATE jobs SET state = ? WHERE job_id = ?", status.state, key);
    writer.run(
      "UPDATE job_attempts SET state = ?, ended_at = ?, exit_code = ?, exit_signal = ?, error_json = ? WHERE job_id = ? AND attempt = ?",
      status.state,
      endedAt,
      status.exit?.code ?? null,
      status.exit?.signal ?? null,
      error === undefined ? null : JSON.stringify(error),
      key,
      status.attempt,
    );
    // An attempt that died with its supervisor and was followed by another never got its own end.
    writer.run(
      "UPDATE job_attempts SET state = 'lost', ended_at = ? WHERE job_id = ? AND attempt < ? AND state = 'running'",
      now.getTime(),
      key,
      status.attempt,
    );
    noteChange(writer, "runs", [runOfKey(key)]);
  });
}

interface JobEnd {
  readonly status: JobStatus;
  readonly error: EncodedError | undefined;
  readonly now: Date;
}

/** Jobs that the index still shows as running; of one run, or of all. */
export function runningJobs(reader: CatalogueReader, runId?: string): readonly JobRow[] {
  return reader
    .all("SELECT job_id, run_id, folder FROM jobs WHERE state IN ('starting', 'running')")
    .map((row) => ({ jobId: String(row.job_id), runId: String(row.run_id), folder: String(row.folder) }))
    .filter((row) => runId === undefined || row.runId === runId);
}

/** Puts the row of a job and of its last attempt back, as the job's folder has them. */
export function putJob(
  writer: CatalogueWriter,
  it: Pick<JobRequest, "runId" | "jobId" | "kind" | "folder"> & {
    readonly status: JobStatus;
    readonly startedAt: number;
  },
): void {
  const { status, startedAt } = it;
  writer.run(
    "INSERT INTO jobs (job_id, run_id, kind, folder, state, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    jobKey(it),
    it.runId,
    it.kind,
    it.folder,
    status.state,
    startedAt,
  );
  noteChange(writer, "runs", [it.runId]);
  if (status.attempt === 0) return;
  writer.run(
    `INSERT INTO job_attempts (job_id, attempt, state, started_at, ended_at, exit_code, exit_signal) VALUES (?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT DO NOTHING`,
    jobKey(it),
    status.attempt,
    status.state,
    startedAt,
    status.exit === undefined ? null : Date.parse(status.exit.ended_at),
    status.exit?.code ?? null,
    status.exit?.signal ?? null,
  );
}
