import type { JobInput } from "./job-files.ts";
import type { JobStatus } from "./job-status.ts";

/** What is to run, before it has a folder of its own. */
export interface JobRequest {
  readonly jobId: string;
  readonly runId: string;
  /** "train", "evaluate". */
  readonly kind: string;
  /** Absolute; the files of execution's run folder are made in it. */
  readonly folder: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  /** Variables the job gets beside the allow-list; their values are written nowhere. */
  readonly env: Readonly<Record<string, string>>;
  readonly inputs: readonly JobInput[];
  /** Files or folders below the job's folder, POSIX: "outputs/model". */
  readonly expectedOutputs: readonly string[];
  readonly resources?: Readonly<Record<string, number | string>>;
  /** Two requests with the same key are the same job; derived from the rest unless given. */
  readonly idempotencyKey?: string;
}

export interface StartedJob {
  readonly attempt: number;
  /** True if the job was running or had succeeded already. */
  readonly isAttached: boolean;
}

/** One place where jobs run. The job's folder is the truth; whoever can read it can adopt the job. */
export interface Executor {
  readonly name: "local";
  /**
   * Starts a job once: attaches to one that lives or succeeded under the same key, else begins the next attempt.
   * @throws jobs/already-running if another job lives in the folder, jobs/failed if no runner could be started
   */
  readonly start: (request: JobRequest) => Promise<StartedJob>;
  /** Undefined where there is no job. */
  readonly status: (folder: string) => JobStatus | undefined;
  /** TERM to the job's group, KILL after the grace time; the state it ended in (that of a job which was faster, too). */
  readonly cancel: (folder: string, graceMs: number) => Promise<JobStatus | undefined>;
}
