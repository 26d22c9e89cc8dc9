import path from "node:path";
import type { JobState } from "../../contract/jobs.ts";
import { noteChange } from "../../foundation/catalogue/changes.ts";
import type { Catalogue, CatalogueReader, CatalogueWriter } from "../../foundation/catalogue/open.ts";
import type { Clock } from "../../foundation/context.ts";
import type { JobRequest } from "../../foundation/exec/place.ts";
import type { JobRecord } from "../../foundation/exec/run-job.ts";

/** Rows of jobs: an index of their folders, which are authoritative. */

export interface JobRow {
  readonly jobId: string;
  readonly runId: string;
  /** Absolute; the table has it relative to the project, which may be copied or moved. */
  readonly folder: string;
}

/** The key of a job has the run in it, because every run has a job "train". */
function jobKey(request: Pick<JobRequest, "runId" | "jobId">): string {
  return `${request.runId}/${request.jobId}`;
}

/** Records the progress of jobs in the catalogue. `linkRun` records the run of the current long operation, if there is one. */
export function jobRecord(
  {
    catalogue,
    clock,
    projectDir,
  }: { readonly catalogue: Catalogue; readonly clock: Clock; readonly projectDir: string },
  linkRun: (runId: string) => void,
): JobRecord {
  return {
    started: (request) => {
      insertJob(catalogue, { ...request, folder: path.relative(projectDir, request.folder) }, clock.now());
      linkRun(request.runId);
    },
    settled: (request, state) => settleJob(catalogue, jobKey(request), state),
  };
}

function insertJob(catalogue: Catalogue, request: JobRequest, now: Date): void {
  catalogue.write((writer) => {
    writer.run(
      "INSERT INTO jobs (job_id, run_id, kind, folder, state, created_at) VALUES (?, ?, ?, ?, 'running', ?) " +
        "ON CONFLICT (job_id) DO UPDATE SET state = 'running'",
      jobKey(request),
      request.runId,
      request.kind,
      request.folder,
      now.getTime(),
    );
    noteChange(writer, "runs", [request.runId]);
  });
}

/** The run of a job by its key: in the feed of changes a job is part of its run. */
function runOfKey(key: string): string {
  return key.slice(0, key.lastIndexOf("/"));
}

/** Records the outcome of a job's last attempt. */
export function settleJob(catalogue: Catalogue, key: string, state: JobState): void {
  catalogue.write((writer) => {
    writer.run("UPDATE jobs SET state = ? WHERE job_id = ?", state, key);
    noteChange(writer, "runs", [runOfKey(key)]);
  });
}

/** Lists jobs that the index shows as running, of one run or of all. */
export function runningJobs(reader: CatalogueReader, projectDir: string, runId?: string): readonly JobRow[] {
  return reader
    .all("SELECT job_id, run_id, folder FROM jobs WHERE state IN ('starting', 'running')")
    .map((row) => ({
      jobId: String(row.job_id),
      runId: String(row.run_id),
      folder: path.resolve(projectDir, String(row.folder)),
    }))
    .filter((row) => runId === undefined || row.runId === runId);
}

/** Restores the row of a job from its folder, which is given relative to the project. */
export function putJob(
  writer: CatalogueWriter,
  it: Pick<JobRequest, "runId" | "jobId" | "kind" | "folder"> & {
    readonly state: JobState;
    readonly startedAt: number;
  },
): void {
  writer.run(
    "INSERT INTO jobs (job_id, run_id, kind, folder, state, created_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    jobKey(it),
    it.runId,
    it.kind,
    it.folder,
    it.state,
    it.startedAt,
  );
  noteChange(writer, "runs", [it.runId]);
}
