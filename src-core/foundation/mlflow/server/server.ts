import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError, cancelled } from "../../../contract/errors.ts";
import type { Progress } from "../../../contract/operation.ts";
import { jobEnvironment } from "../../exec/job-environment.ts";
import { openLog } from "../../files/open-log.ts";
import { isKnownDead, isSameProcessAlive } from "../../files/process-identity.ts";
import { answerOf, isMovedAway } from "./server-condition.ts";
import { alreadyServedExitCode, serverProgram } from "./server-program.ts";
import { liveServer, type ServerRecord, serverLogFile, serverLogTail, serverUri } from "./server-record.ts";

export interface StartRequest {
  /** Absolute path of the server's folder (`.signalbox/mlflow`), with its database, artifacts, log, record and lock. */
  readonly folder: string;
  /** Returns the absolute path of an interpreter with MLflow; called only if a server must be started. */
  readonly python: () => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal?: AbortSignal | undefined;
  readonly report?: ((progress: Progress) => void) | undefined;
  /** The server ends after this time without a request (3,600,000). */
  readonly idleMs?: number;
  /** Longest time until it responds (120,000). */
  readonly startTimeoutMs?: number;
}

export interface ManagedServer {
  readonly uri: string;
  readonly pid: number;
  /** False if it was already running. */
  readonly isNew: boolean;
}

/**
 * Returns the server of a folder, and starts it if it isn't running. Any number of processes may call this at once; only one server starts.
 * @throws tracking/server-failed with the end of its log if it doesn't start
 */
export async function ensureServer(request: StartRequest): Promise<ManagedServer> {
  const { folder, signal } = request;
  const found = liveServer(folder);
  // It would go on writing where the folder was.
  const isLost = found !== undefined && isSameProcessAlive(found.identity) && isMovedAway(found, folder);
  if (isLost) await stopServer(folder);
  const running = isLost ? undefined : found;
  if (running !== undefined && (await answerOf(running)) === "own") return described(running, false);
  const until = Date.now() + (request.startTimeoutMs ?? 120_000);
  const startedAt = Date.now();
  request.report?.({ stage: "mlflow", state: "started", message: "starting the MLflow server" });
  let child = running === undefined ? await launch(request) : undefined;
  while (Date.now() < until) {
    if (signal?.aborted) throw cancelled();
    const record = liveServer(folder);
    if (record !== undefined && (await answerOf(record)) === "own") {
      const isNew = record.identity.pid === child?.pid;
      const elapsedMs = Date.now() - startedAt;
      request.report?.({
        stage: "mlflow",
        state: "finished",
        elapsedMs,
        message: `MLflow is running at ${serverUri(record)}`,
      });
      return described(record, isNew);
    }
    if (record !== undefined && !isSameProcessAlive(record.identity) && Date.now() - startedAt > elsewhereMs)
      throw elsewhere(folder, record);
    const ended = child?.ended();
    if (ended !== undefined && ended !== alreadyServedExitCode) throw failed(folder, `it ended with ${ended}`);
    // The server that held the lock has ended, or one that was starting was killed, so another may start.
    if (record === undefined && (child === undefined || ended !== undefined)) child = await launch(request);
    await sleep(50);
  }
  throw failed(folder, "it didn't respond in time");
}

function described(record: ServerRecord, isNew: boolean): ManagedServer {
  return { uri: serverUri(record), pid: record.identity.pid, isNew };
}

/** How long a server of another container or host may take to answer. */
const elsewhereMs = 10_000;

function elsewhere(folder: string, record: ServerRecord): AppError {
  return new AppError({
    code: "tracking/unreachable",
    message: `The MLflow server of ${folder} runs in another container or on another host, and can't be reached at ${serverUri(record)} from here.`,
    hint: "Stop it there, or let both use one server (MLFLOW_TRACKING_URI).",
    details: { folder, pid: record.identity.pid, host: record.identity.host },
  });
}

interface Launched {
  readonly pid: number | undefined;
  /** Exit code, signal or error after its end. */
  readonly ended: () => number | string | undefined;
}

/** Starts it in its own session and without secrets. It doesn't end with this process. */
async function launch({ folder, env, python, idleMs = 3_600_000 }: StartRequest): Promise<Launched> {
  const interpreter = await python();
  const log = openLog(serverLogFile(folder));
  let end: number | string | undefined;
  try {
    const child = spawn(interpreter, ["-I", "-X", "utf8", serverProgram, String(idleMs / 1_000)], {
      cwd: folder,
      detached: true,
      stdio: ["ignore", log, log],
      env: jobEnvironment(env, {
        MLFLOW_SERVER_ENABLE_JOB_EXECUTION: "false",
        MLFLOW_DISABLE_TELEMETRY: "true",
        DO_NOT_TRACK: "true",
      }),
    });
    child.once("error", (error) => {
      end = error.message;
    });
    child.once("exit", (code, signal) => {
      end = code ?? signal ?? "no exit code";
    });
    child.unref();
    return { pid: child.pid, ended: () => end };
  } finally {
    closeSync(log);
  }
}

function failed(folder: string, reason: string): AppError {
  const tail = serverLogTail(folder);
  return new AppError({
    code: "tracking/server-failed",
    message: `The managed MLflow server didn't start: ${reason}.${tail === "" ? "" : `\n${tail}`}`,
    hint: `Read ${serverLogFile(folder)}; then stop and start the server.`,
    next: [nextStep("mlflow.stop", {}, "ends its remaining processes"), nextStep("mlflow.start", {}, "starts it")],
    details: { log: serverLogFile(folder) },
  });
}

/**
 * Ends the server of a folder and everything it started: TERM to its process group, KILL after `graceMs`. Returns false if none was running.
 * @throws tracking/unreachable if it runs in another container or on another host
 */
export async function stopServer(folder: string, graceMs = 8_000): Promise<boolean> {
  const record = liveServer(folder);
  if (record === undefined) return false;
  const { identity } = record;
  if (!isSameProcessAlive(identity)) {
    if (isKnownDead(identity)) return false;
    throw elsewhere(folder, record);
  }
  signalGroup(identity.pid, "SIGTERM");
  const until = Date.now() + graceMs;
  while (Date.now() < until && isSameProcessAlive(identity)) await sleep(50);
  // Do this even if the leader has ended: its children share its group, and the number isn't reused while one is alive.
  signalGroup(identity.pid, "SIGKILL");
  // Its threads may outlive its leader for a moment, and the lock with them.
  while (isSameProcessAlive(identity) || liveServer(folder)?.id === record.id) await sleep(20);
  return true;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // No process of the group remains.
  }
}
