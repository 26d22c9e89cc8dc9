import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import { fileError, writeJsonDurable } from "../files/durable.ts";
import { entryPoint } from "../files/entry-points.ts";
import type { ProcessIdentity } from "../files/process-identity.ts";
import type { Executor, JobRequest, StartedJob } from "./executor.ts";
import { jobEnvironment } from "./job-environment.ts";
import { jobPaths, readClaim, readRunning, readSpec } from "./job-files.ts";
import { specOf, writeSpec } from "./job-spec.ts";
import { hasAttemptEnded, isSettled, type JobStatus, lastAttempt, nextAttempt, readJobStatus } from "./job-status.ts";
import { killLeftovers, signalProcess } from "./leftovers.ts";
import { tailOf } from "./out-of-memory.ts";

/** Longest wait for a new runner to claim its attempt, on a machine that is busy. */
const claimMs = 30_000;
/** What a runner gets on top of the grace time to write exit.json (it hashes the outputs of a job that still succeeded). */
const writeMs = 5000;

export interface LocalOptions {
  /** Environment that the allow-list picks from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The program that runs one attempt; the runner's arguments are appended. */
  readonly runner?: readonly [string, ...string[]];
}

/** Jobs on this machine, each under a detached runner. */
export function localExecutor(options: LocalOptions): Executor {
  const runner = options.runner ?? [process.execPath, entryPoint("runner")];
  return {
    name: "local",
    start: (request) => start(request, { ...options, runner }),
    status: readJobStatus,
    cancel,
  };
}

async function start(request: JobRequest, options: LocalOptions & Required<Pick<LocalOptions, "runner">>) {
  const { folder } = request;
  const spec = specOf(request);
  const status = readJobStatus(folder);
  if (status !== undefined) {
    const isSame = readSpec(folder)?.idempotency_key === spec.idempotency_key;
    const isAlive = status.state === "starting" || status.state === "running";
    if (isAlive && !isSame)
      throw new AppError({
        code: "jobs/already-running",
        message: `Another job (${readSpec(folder)?.kind}) still runs in ${folder}.`,
        hint: "Wait for it, or cancel it.",
        next: [nextStep("operations.list", { active: true }, "shows what runs")],
        details: { folder },
      });
    if (isSame && (isAlive || status.state === "succeeded")) return attached(status.attempt);
  }
  writeSpec(folder, spec);
  const attempt = nextAttempt(folder);
  const environment = jobEnvironment(options.env, request.env);
  const child = spawnRunner([...options.runner, folder, String(attempt), spec.idempotency_key], folder, environment);
  await awaitClaim(child, folder, attempt);
  return { attempt, isAttached: false } satisfies StartedJob;
}

function attached(attempt: number): StartedJob {
  return { attempt, isAttached: true };
}

/** The runner's failures before it owns the attempt go where the job's do: into output.log. */
function spawnRunner(argv: readonly string[], folder: string, env: Readonly<Record<string, string>>): ChildProcess {
  const log = openLog(jobPaths(folder).outputLog);
  try {
    const [program = "", ...rest] = argv;
    const child = spawn(program, rest, { cwd: folder, env, detached: true, stdio: ["ignore", "ignore", log] });
    child.on("error", () => undefined);
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function openLog(file: string): number {
  try {
    return openSync(file, "a", 0o644);
  } catch (error) {
    throw fileError(error, "open", file);
  }
}

/** Returns once the attempt is claimed: by this runner, or by one that another process started in the same moment. */
async function awaitClaim(child: ChildProcess, folder: string, attempt: number): Promise<void> {
  const deadline = performance.now() + claimMs;
  for (let waitMs = 5; ; waitMs = Math.min(50, waitMs * 1.3)) {
    const hasExited = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    if (lastAttempt(folder) >= attempt) return;
    if (hasExited || performance.now() > deadline) {
      const tail = tailOf(jobPaths(folder).outputLog, 0, 2000).trim();
      throw new AppError({
        code: "jobs/failed",
        message: `The job's runner in ${folder} ended before it began${tail === "" ? "." : `: ${tail}`}`,
        hint: "Check that the disk has space and that the folder can be written, then run the command again.",
        details: { folder, exitCode: child.exitCode, signal: child.signalCode },
      });
    }
    await pause(waitMs);
  }
}

async function cancel(folder: string, graceMs: number): Promise<JobStatus | undefined> {
  const status = readJobStatus(folder);
  if (status === undefined || isSettled(status.state)) return status;
  // An attempt that a runner is about to claim finds the request when it does.
  const attempt = status.attempt === 0 ? 1 : status.attempt;
  writeJsonDurable(jobPaths(folder).cancel, { attempt, grace_ms: Math.round(graceMs) });
  const claim = readClaim(folder, attempt);
  if (claim !== undefined) {
    signalProcess(claim.runner, "SIGTERM");
    await ended(folder, attempt, graceMs + writeMs);
    // The runner itself hangs (stopped, or its disk does not answer): end it and what it runs.
    if (!hasAttemptEnded(folder, attempt)) {
      signalProcess(claim.runner, "SIGKILL");
      await killAll(claim.token, readRunning(folder)?.child ?? null);
      await ended(folder, attempt, writeMs);
    }
  }
  return readJobStatus(folder);
}

/** Returns once nothing of the attempt lives; a process takes a moment to die of a KILL. */
async function killAll(token: string, child: ProcessIdentity | null): Promise<void> {
  const deadline = performance.now() + writeMs;
  while (killLeftovers({ token, child }) > 0 && performance.now() < deadline) await pause(20);
}

async function ended(folder: string, attempt: number, limitMs: number): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!hasAttemptEnded(folder, attempt) && performance.now() < deadline) await pause(20);
}
