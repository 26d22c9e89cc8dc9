import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import { writeJsonDurable } from "../files/durable.ts";
import { openLog } from "../files/open-log.ts";
import type { ProcessIdentity } from "../files/process-identity.ts";
import { channelFlag, channelOf } from "./channel.ts";
import { interpreterVariable, jobEnvironment } from "./job-environment.ts";
import { type JobSpec, jobPaths, readClaim, readRunning, readSpec } from "./job-files.ts";
import { specOf, writeSpec } from "./job-spec.ts";
import { hasAttemptEnded, isSettled, type JobStatus, lastAttempt, nextAttempt, readJobStatus } from "./job-status.ts";
import { killLeftovers, signalProcess } from "./leftovers.ts";
import { linkInputs } from "./local-inputs.ts";
import { tailOf } from "./out-of-memory.ts";
import { parentDeathSignal } from "./parent-death.ts";
import type { Channel, JobRequest, StartedJob } from "./place.ts";

/** Longest wait for a new runner to claim its attempt, on a machine that is busy. */
const claimMs = 30_000;
/** What a runner gets on top of the grace time to write exit.json (it hashes the outputs of a job that still succeeded). */
const writeMs = 5000;

/** How this machine's runners are started. */
export interface Launch {
  /** Environment that the allow-list picks from. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The program that runs one attempt; the runner's arguments are appended. */
  readonly runner: readonly string[];
}

/** Starts a job of this machine, or attaches to it, as `Place.start` says. */
export async function start(request: JobRequest, launch: Launch): Promise<StartedJob> {
  const { folder } = request;
  const spec = specOf(request);
  const status = readJobStatus(folder);
  if (status !== undefined) {
    const isSame = readSpec(folder)?.idempotency_key === spec.idempotency_key;
    if (isAlive(status) && !isSame) throw alreadyRunning(folder);
    if (isSame && (isAlive(status) || status.state === "succeeded"))
      return { attempt: status.attempt, isAttached: true };
  }
  const { attempt, runner } = prepare(request, spec, launch);
  const child = spawnRunner(runner, { folder, env: environmentOf(request, launch), stdio: ["ignore", "ignore"] });
  child.unref();
  await awaitClaim(child, folder, attempt);
  return { attempt, isAttached: false };
}

/** Starts a program that is talked to: its runner passes on its own standard input and output, and ends with this process. */
export async function open(request: JobRequest, kind: "lines" | "pty", launch: Launch): Promise<Channel> {
  const { folder } = request;
  if (kind === "pty")
    throw new AppError({
      code: "jobs/not-at-place",
      message:
        "A job on this machine can't be opened in a terminal of its own yet: a channel of lines is all there is.",
      details: { folder, kind },
    });
  const status = readJobStatus(folder);
  if (status !== undefined && isAlive(status)) throw alreadyRunning(folder);
  const { attempt, runner } = prepare(request, specOf(request), launch);
  const argv = [...parentDeathSignal(), ...runner, channelFlag];
  const child = spawnRunner(argv, { folder, env: environmentOf(request, launch), stdio: ["pipe", "pipe"] });
  const channel = channelOf(child, folder, attempt);
  await awaitClaim(child, folder, attempt);
  return channel;
}

function isAlive({ state }: JobStatus): boolean {
  return state === "starting" || state === "running";
}

function alreadyRunning(folder: string): AppError {
  return new AppError({
    code: "jobs/already-running",
    message: `Another job (${readSpec(folder)?.kind}) still runs in ${folder}.`,
    hint: "Wait for it, or cancel it.",
    next: [nextStep("operations.list", { active: true }, "shows what runs")],
    details: { folder },
  });
}

/** Puts what the attempt reads into its folder, and says how its runner is started. */
function prepare(request: JobRequest, spec: JobSpec, launch: Launch) {
  const { folder } = request;
  writeSpec(request, spec);
  linkInputs(folder, request.inputs);
  const attempt = nextAttempt(folder);
  return { attempt, runner: [...launch.runner, String(attempt), spec.idempotency_key] };
}

function environmentOf({ env, python }: JobRequest, launch: Launch): Readonly<Record<string, string>> {
  const interpreter = python === undefined ? {} : { [interpreterVariable]: python.python };
  return { ...jobEnvironment(launch.env, env), ...interpreter };
}

/** The runner's failures before it owns the attempt go where the job's do: into output.log. */
function spawnRunner(
  argv: readonly string[],
  it: {
    readonly folder: string;
    readonly env: Readonly<Record<string, string>>;
    readonly stdio: readonly ["ignore" | "pipe", "ignore" | "pipe"];
  },
): ChildProcess {
  const log = openLog(jobPaths(it.folder).outputLog);
  try {
    const [program = "", ...rest] = argv;
    const child = spawn(program, rest, { cwd: it.folder, env: it.env, detached: true, stdio: [...it.stdio, log] });
    child.on("error", () => undefined);
    return child;
  } finally {
    closeSync(log);
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

/** Ends a job of this machine, as `Place.cancel` says. */
export async function cancel(folder: string, graceMs: number): Promise<JobStatus | undefined> {
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
