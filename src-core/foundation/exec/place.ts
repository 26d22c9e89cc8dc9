import type { Progress } from "../../contract/operation.ts";
import type { Piece } from "./follow-file.ts";
import type { JobInput } from "./job-files.ts";
import type { JobStatus } from "./job-status.ts";

export interface PythonEnvironment {
  /** Absolute path of the interpreter, at the place it was made for. */
  readonly python: string;
  /** sha256 (hex) of the locks, groups, Python minor and platform: the name of the environment's folder. */
  readonly digest: string;
  readonly pythonMinor: string;
}

/** An input and the file or folder of this machine that has its content. */
export interface JobSource extends JobInput {
  /** Absolute. */
  readonly from: string;
}

/** What is to run, before it has a folder of its own. Nothing that is written of it holds a path of this machine. */
export interface JobRequest {
  readonly jobId: string;
  readonly runId: string;
  /** "train", "evaluate". */
  readonly kind: string;
  /** Absolute; the files of execution's run folder are made in it, and the job works there. */
  readonly folder: string;
  /** A first word `python` is the interpreter of `python`. */
  readonly argv: readonly string[];
  /** The environment of a job of the trainer; its digest is part of what the job is. */
  readonly python?: PythonEnvironment;
  /** Variables the job gets beside the allow-list; their values are written nowhere. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to `spec.json`, an input of its own; a JSON document. */
  readonly document?: object;
  readonly inputs: readonly JobSource[];
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

/** Both are only ever appended to. */
export type JobLog = "events" | "output";

export interface FollowJob {
  readonly attempt: number;
  readonly log: JobLog;
  /** Byte of the log to begin at, if it is in the attempt; the attempt's first one unless given. */
  readonly offset?: number;
  readonly signal?: AbortSignal;
}

/** What a place has for jobs. */
export interface Capacity {
  readonly cores: number;
  readonly memoryBytes: number;
  readonly freeMemoryBytes: number;
}

/** Lines to a program and back; the program ends with the process that opened it. */
export interface Channel {
  readonly folder: string;
  readonly attempt: number;
  readonly send: (line: string) => void;
  /** Each line of the program's standard output; ends with the program. */
  readonly lines: AsyncIterable<string>;
  /** Nothing more is sent: the program ends in its own time. */
  readonly end: () => void;
  /** How it ended. */
  readonly ended: Promise<JobStatus>;
}

export interface Forwarding {
  /** Port of 127.0.0.1 on this machine. */
  readonly port: number;
  readonly close: () => Promise<void>;
}

/**
 * A place where jobs run: this machine, later a host behind SSH or a cluster. A job's folder is the truth about it; folders are named by
 * their path on this machine, and what a place does elsewhere is its own to know.
 */
export interface Place {
  readonly name: string;
  /**
   * Starts a job once: attaches to one that lives or succeeded under the same key, else puts its inputs and begins the next attempt.
   * @throws jobs/already-running if another job lives in the folder, jobs/failed if no runner could be started
   */
  readonly start: (request: JobRequest) => Promise<StartedJob>;
  /** Undefined where there is no job. */
  readonly status: (folder: string) => JobStatus | undefined;
  /** TERM to the job's group, KILL after the grace time; the state it ended in (that of a job which was faster, too). */
  readonly cancel: (folder: string, graceMs: number) => Promise<JobStatus | undefined>;
  /** Bytes of an attempt's log as they come, to the attempt's end. */
  readonly follow: (folder: string, what: FollowJob) => AsyncIterable<Piece>;
  readonly capacity: () => Promise<Capacity>;
  /** The Python environment with these groups beside the base; builds it if missing. */
  readonly python: (groups?: readonly string[], report?: (progress: Progress) => void) => Promise<PythonEnvironment>;
  /** Puts contents into a job's folder, under the names they have there; one that is there already is left. */
  readonly putInputs: (folder: string, inputs: readonly JobSource[]) => Promise<void>;
  /** Brings the outputs of a job that ended into its folder here. */
  readonly fetchOutputs: (folder: string) => Promise<void>;
  /**
   * Starts a program as a job that is talked to. It isn't attached to: a channel is its opener's own.
   * @throws jobs/already-running, jobs/failed; jobs/not-at-place for a kind of channel that the place doesn't have
   */
  readonly open: (request: JobRequest, kind: "lines" | "pty") => Promise<Channel>;
  /** Makes a port that a job listens on, on the place's own loopback, reachable here. */
  readonly forward: (port: number) => Promise<Forwarding>;
}
