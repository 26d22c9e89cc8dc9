import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { temporaryPath } from "../files/durable.ts";
import type { ProcessIdentity } from "../files/process-identity.ts";

/**
 * The files of a job's folder and their shapes. The folder is the truth about a job at any place.
 * The runner imports this: only node: and light modules here, and keys as they are in the files.
 */

export interface JobInput {
  /** Relative to the job's folder, POSIX; absolute in a file of version 1. */
  readonly path: string;
  /** Of a folder the digest by which it is known; null for one that is looked up in and never read whole. */
  readonly sha256: string | null;
}

/**
 * job.json: what to run. It holds no path of this machine, and values of environment variables are never written, only their names. In
 * version 1 inputs, the interpreter and a `cwd` were absolute paths; such a file is only looked at, never run.
 */
export interface JobSpec {
  readonly version: 1 | 2;
  readonly job_id: string;
  readonly run_id: string;
  readonly kind: string;
  readonly idempotency_key: string;
  /** A first word `python` is the interpreter that the place names to the runner. The job works in its own folder. */
  readonly argv: readonly string[];
  /** Digest of the Python environment; null for a job that needs none. */
  readonly environment: string | null;
  readonly env_names: readonly string[];
  readonly inputs: readonly JobInput[];
  /** Files or folders, relative to the job's folder, POSIX. */
  readonly expected_outputs: readonly string[];
  readonly resources: Readonly<Record<string, number | string>>;
}

/** attempts/<n>.json: the exclusive claim of the one runner that may run attempt n. */
export interface AttemptClaim {
  readonly attempt: number;
  readonly runner: ProcessIdentity;
  /** In the environment of every process of the attempt: finds them all, however they were re-parented. */
  readonly token: string;
}

/** pid.json: the attempt in progress, or the last one. */
export interface RunningAttempt extends AttemptClaim {
  /** Null while it is being started, and where it ended before it could be looked at. */
  readonly child: ProcessIdentity | null;
  readonly started_at: string;
  /** Size of output.log and events.jsonl when the attempt began: both files are only ever appended to. */
  readonly output_offset: number;
  readonly events_offset: number;
}

export interface JobOutput {
  readonly path: string;
  /** Of a file its bytes; of a folder the sorted lines `<sha256>  <relative path>\n` of its files. */
  readonly sha256: string;
  readonly size_bytes: number;
  readonly files: number;
}

/** exit.json: how the attempt ended. */
export interface JobExit {
  readonly attempt: number;
  readonly code: number | null;
  readonly signal: string | null;
  readonly out_of_memory: boolean;
  readonly disk_full: boolean;
  readonly cancelled: boolean;
  readonly ended_at: string;
  readonly outputs: readonly JobOutput[];
  readonly missing_outputs: readonly string[];
  /** Why the program could not be started, where it couldn't. */
  readonly error: string | null;
}

/** cancel.json: a request that outlives its sender; it holds for attempts up to its number. */
export interface CancelRequest {
  readonly attempt: number;
  readonly grace_ms: number;
}

export interface JobPaths {
  readonly folder: string;
  readonly spec: string;
  readonly outputLog: string;
  readonly events: string;
  readonly pid: string;
  readonly heartbeat: string;
  readonly exit: string;
  readonly cancel: string;
  readonly attempts: string;
  readonly outputs: string;
}

export function jobPaths(folder: string): JobPaths {
  const inFolder = (name: string) => path.join(folder, name);
  return {
    folder,
    spec: inFolder("job.json"),
    outputLog: inFolder("output.log"),
    events: inFolder("events.jsonl"),
    pid: inFolder("pid.json"),
    heartbeat: inFolder("heartbeat"),
    exit: inFolder("exit.json"),
    cancel: inFolder("cancel.json"),
    attempts: inFolder("attempts"),
    outputs: inFolder("outputs"),
  };
}

export function claimPath(folder: string, attempt: number): string {
  return path.join(jobPaths(folder).attempts, `${attempt}.json`);
}

/** The lock that the runner of an attempt holds while it lives: the kernel's, so that every user and container sees it. */
export function claimLock(folder: string, attempt: number): string {
  return path.join(jobPaths(folder).attempts, `${attempt}.lock`);
}

/** Replaces a file in one step. Without fsync: for what means nothing after a power cut, since no process survives it. */
export function replaceJson(file: string, value: unknown): void {
  const temporary = temporaryPath(file);
  try {
    writeFileSync(temporary, `${JSON.stringify(value)}\n`);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** A JSON object; empty where the file is missing or not JSON, so that a spoilt file reads as "not written". */
function readFields(file: string): Fields {
  try {
    return fieldsOf(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return {};
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function identity(value: unknown): ProcessIdentity | undefined {
  const fields = fieldsOf(value);
  const [pid, startTime, bootId] = [count(fields.pid), text(fields.start_time), text(fields.boot_id)];
  const [namespace, host] = [text(fields.namespace), text(fields.host)];
  // 0 and 1 would address a group and init.
  if (pid === undefined || pid < 2 || startTime === undefined || bootId === undefined) return undefined;
  if (namespace === undefined || host === undefined) return undefined;
  return { pid, startTime, bootId, namespace, host };
}

export function identityFields(it: ProcessIdentity): Fields {
  const { pid, startTime, bootId, namespace, host } = it;
  return { pid, start_time: startTime, boot_id: bootId, namespace, host };
}

export function readSpec(folder: string): JobSpec | undefined {
  const fields = readFields(jobPaths(folder).spec);
  const [jobId, runId, kind] = [text(fields.job_id), text(fields.run_id), text(fields.kind)];
  const [key, argv, { version }] = [text(fields.idempotency_key), texts(fields.argv), fields];
  if ((version !== 1 && version !== 2) || jobId === undefined || runId === undefined || kind === undefined)
    return undefined;
  if (key === undefined || argv.length === 0) return undefined;
  return {
    version,
    job_id: jobId,
    run_id: runId,
    kind,
    idempotency_key: key,
    argv,
    environment: text(fields.environment) ?? null,
    env_names: texts(fields.env_names),
    inputs: Array.isArray(fields.inputs)
      ? fields.inputs.map(fieldsOf).map((it) => ({ path: text(it.path) ?? "", sha256: text(it.sha256) ?? null }))
      : [],
    expected_outputs: texts(fields.expected_outputs),
    resources: fieldsOf(fields.resources) as JobSpec["resources"],
  };
}

const tokenPattern = /^[0-9a-f]{32}$/;

function claim(fields: Fields, runner: unknown): AttemptClaim | undefined {
  const [attempt, who, token] = [count(fields.attempt), identity(runner), text(fields.token)];
  if (attempt === undefined || who === undefined || token === undefined || !tokenPattern.test(token)) return undefined;
  return { attempt, runner: who, token };
}

export function readClaim(folder: string, attempt: number): AttemptClaim | undefined {
  const fields = readFields(claimPath(folder, attempt));
  return claim(fields, fields);
}

export function claimFields(it: AttemptClaim): Fields {
  return { attempt: it.attempt, ...identityFields(it.runner), token: it.token };
}

export function readRunning(folder: string): RunningAttempt | undefined {
  const fields = readFields(jobPaths(folder).pid);
  const it = claim(fields, fields);
  const [output, events] = [count(fields.output_offset), count(fields.events_offset)];
  if (it === undefined || output === undefined || events === undefined) return undefined;
  const child = identity(fields.child) ?? null;
  return { ...it, child, started_at: text(fields.started_at) ?? "", output_offset: output, events_offset: events };
}

export function runningFields(it: RunningAttempt): Fields {
  return {
    ...claimFields(it),
    child: it.child === null ? null : identityFields(it.child),
    started_at: it.started_at,
    output_offset: it.output_offset,
    events_offset: it.events_offset,
  };
}

function jobOutput(value: unknown): JobOutput {
  const fields = fieldsOf(value);
  return {
    path: text(fields.path) ?? "",
    sha256: text(fields.sha256) ?? "",
    size_bytes: count(fields.size_bytes) ?? 0,
    files: count(fields.files) ?? 0,
  };
}

export function readExit(folder: string): JobExit | undefined {
  const fields = readFields(jobPaths(folder).exit);
  const [attempt, ended] = [count(fields.attempt), text(fields.ended_at)];
  if (attempt === undefined || ended === undefined) return undefined;
  return {
    attempt,
    code: count(fields.code) ?? null,
    signal: text(fields.signal) ?? null,
    out_of_memory: fields.out_of_memory === true,
    disk_full: fields.disk_full === true,
    cancelled: fields.cancelled === true,
    ended_at: ended,
    outputs: Array.isArray(fields.outputs) ? fields.outputs.map(jobOutput) : [],
    missing_outputs: texts(fields.missing_outputs),
    error: text(fields.error) ?? null,
  };
}

export function readCancel(folder: string): CancelRequest | undefined {
  const fields = readFields(jobPaths(folder).cancel);
  const [attempt, grace] = [count(fields.attempt), count(fields.grace_ms)];
  return attempt === undefined || grace === undefined ? undefined : { attempt, grace_ms: grace };
}
