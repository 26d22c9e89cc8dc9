import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { temporaryPath, writeJsonDurable } from "../files/durable.ts";
import { freeBytes } from "../files/free-space.ts";
import { isSameProcessAlive, ownIdentity } from "../files/process-identity.ts";
import { tryLock } from "../locks/process-lock.ts";
import { interpreterVariable } from "./job-environment.ts";
import {
  type AttemptClaim,
  claimFields,
  claimLock,
  claimPath,
  type JobExit,
  type JobSpec,
  jobPaths,
  type RunningAttempt,
  readCancel,
  readClaim,
  readExit,
  readRunning,
  replaceJson,
  runningFields,
} from "./job-files.ts";
import { killLeftovers, processesOf } from "./leftovers.ts";
import { isOutOfMemory, outOfMemoryKills, tailOf } from "./out-of-memory.ts";
import { digestOutput } from "./output-digests.ts";
import { type ChildEnd, type RunningChild, startChild } from "./run-child.ts";

const heartbeatMs = 2000;
/** Kept free from the start, so that a job which fills the disk can still say how it ended. */
const reserveBytes = 65_536;
/** How long processes that the program left running may take to end by themselves. */
const stragglerMs = 1000;
const diskFullBytes = 1 << 20;

export interface AttemptRequest {
  readonly folder: string;
  readonly attempt: number;
  readonly spec: JobSpec;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => Date;
  /** Resolves when the runner itself has to end. */
  readonly asked: Promise<void>;
  /** The program is talked to through the runner's own standard input and output. */
  readonly isChannel?: boolean;
}

/** job.json names the interpreter by this word alone: the place resolves it, and its path is written nowhere. */
function namedProgram([program = "", ...rest]: readonly string[], env: AttemptRequest["env"]): readonly string[] {
  return [program === "python" ? (env[interpreterVariable] ?? program) : program, ...rest];
}

/** Claims an attempt for the life of this process: of any number of runners exactly one gets it. */
export function claimAttempt(folder: string, attempt: number): AttemptClaim | undefined {
  const file = claimPath(folder, attempt);
  // Who comes second must not hold the lock for a moment: the attempt would seem to live again.
  if (existsSync(file)) return undefined;
  // Held before the claim can be seen, and let go of by the kernel alone; until then nobody looks at it.
  const lock = tryLock(claimLock(folder, attempt));
  if (lock === undefined) return undefined;
  const claim: AttemptClaim = { attempt, runner: ownIdentity(), token: randomBytes(16).toString("hex") };
  const temporary = temporaryPath(file);
  writeFileSync(temporary, `${JSON.stringify(claimFields(claim))}\n`);
  try {
    // A link appears with its whole content, or fails because another was first.
    linkSync(temporary, file);
    return claim;
  } catch (error) {
    lock.release();
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return undefined;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Ends what the attempts before left running, and puts their ending and outputs out of the way. */
function clearEarlier(request: AttemptRequest): void {
  const files = jobPaths(request.folder);
  for (let attempt = request.attempt - 1; attempt > 0; attempt -= 1) {
    const earlier = readClaim(request.folder, attempt);
    const running = readRunning(request.folder);
    const child = running?.attempt === attempt ? running.child : null;
    // Its runner let go of this folder's lock: one that lives works in another folder, of which this one is a copy.
    const isOfCopied = earlier !== undefined && isSameProcessAlive(earlier.runner);
    if (earlier !== undefined && !isOfCopied) killLeftovers({ token: earlier.token, child });
  }
  const exit = readExit(request.folder);
  if (exit !== undefined) renameSync(files.exit, path.join(files.attempts, `${exit.attempt}.exit.json`));
  for (const output of request.spec.expected_outputs)
    rmSync(path.join(request.folder, output), { recursive: true, force: true });
}

/** Appends a line end to a log whose last line a killed writer left torn; the size is where the new attempt begins. */
function logOffset(file: string): number {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0 || tailOf(file, 0, 1) === "\n") return size;
  writeFileSync(file, "\n", { flag: "a" });
  return size + 1;
}

/** Runs the program of a claimed attempt to its end and writes exit.json. */
export async function runAttempt(request: AttemptRequest, claim: AttemptClaim): Promise<JobExit> {
  const files = jobPaths(request.folder);
  clearEarlier(request);
  mkdirSync(files.outputs, { recursive: true });
  const reserve = path.join(files.attempts, "reserve");
  writeFileSync(reserve, Buffer.alloc(reserveBytes));
  const offsets = { output_offset: logOffset(files.outputLog), events_offset: logOffset(files.events) };
  const killsBefore = outOfMemoryKills();
  if (isCancelled(request)) return finish(request, reserve, ending(request, { code: null, signal: null }));

  const argv = namedProgram(request.spec.argv, request.env);
  const running: RunningAttempt = { ...claim, child: null, started_at: request.now().toISOString(), ...offsets };
  replaceJson(files.pid, runningFields(running));
  const child = startChild({
    argv,
    cwd: request.folder,
    env: { ...request.env, [interpreterVariable]: undefined },
    token: claim.token,
    outputLog: files.outputLog,
    isChannel: request.isChannel ?? false,
  });
  if (child.identity !== undefined) noteChild(files.pid, { ...running, child: child.identity });
  const beat = () => beatOnce(files.heartbeat, request.now());
  beat();
  const heart = setInterval(beat, heartbeatMs);
  const isKilledByUs = { value: false };
  void request.asked.then(() => stop(request, child, isKilledByUs));
  const end = await child.end;
  clearInterval(heart);
  await endStragglers(claim.token);

  const memory = isOutOfMemory({
    ...end,
    isKilledByUs: isKilledByUs.value,
    killsBefore,
    killsAfter: outOfMemoryKills(),
    eventsTail: tailOf(files.events, offsets.events_offset),
  });
  const exit = finish(request, reserve, { ...ending(request, end), out_of_memory: memory });
  await child.release();
  return exit;
}

/** Advisory: the token in its environment finds the program as well, and it may have filled the disk already. */
export function noteChild(file: string, running: RunningAttempt): void {
  try {
    replaceJson(file, runningFields(running));
  } catch {
    // The record without the child stays.
  }
}

function isCancelled(request: AttemptRequest): boolean {
  return (readCancel(request.folder)?.attempt ?? 0) >= request.attempt;
}

async function stop(request: AttemptRequest, child: RunningChild, isKilledByUs: { value: boolean }): Promise<void> {
  child.signal("SIGTERM");
  const graceMs = readCancel(request.folder)?.grace_ms ?? 10_000;
  setTimeout(() => {
    isKilledByUs.value = child.signal("SIGKILL");
  }, graceMs).unref();
}

function beatOnce(file: string, now: Date): void {
  try {
    writeFileSync(file, `${now.toISOString()}\n`);
  } catch {
    // Advisory: a full disk must not end the job here.
  }
}

/** Waits a moment for the program's own children to follow it, then kills them: nothing of a job outlives it. */
async function endStragglers(token: string): Promise<void> {
  const deadline = performance.now() + stragglerMs;
  while (processesOf(token).length > 0) {
    if (performance.now() > deadline) {
      killLeftovers({ token });
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function ending(request: AttemptRequest, end: ChildEnd): JobExit {
  const { folder, spec, attempt } = request;
  const outputs = end.code === 0 ? spec.expected_outputs.map((output) => digestOutput(folder, output)) : [];
  return {
    attempt,
    code: end.code,
    signal: end.signal,
    out_of_memory: false,
    disk_full: end.code !== 0 && freeBytes(folder) < diskFullBytes,
    // A program that still ended well before the signal reached it has succeeded.
    cancelled: end.code !== 0 && isCancelled(request),
    ended_at: request.now().toISOString(),
    outputs: outputs.filter((output) => output !== undefined),
    missing_outputs: end.code === 0 ? spec.expected_outputs.filter((_, index) => outputs[index] === undefined) : [],
    error: end.error ?? null,
  };
}

function finish(request: AttemptRequest, reserve: string, exit: JobExit): JobExit {
  rmSync(reserve, { force: true });
  writeJsonDurable(jobPaths(request.folder).exit, exit);
  return exit;
}
