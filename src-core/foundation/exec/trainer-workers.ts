import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { AppError, cancelled, decodeError } from "../../contract/errors.ts";
import type { AssessTask } from "../../contract/trainer/assess-tasks.ts";
import type { WorkerSpec } from "../../contract/trainer/job-specs.ts";
import { jobEnvironment } from "./job-environment.ts";
import { parentDeathSignal } from "./parent-death.ts";
import { trainerEnvironment } from "./trainer-environment.ts";

/** Long-lived programs of the trainer, their libraries loaded once, that answer one task after another. */
export interface TrainerWorkers {
  /**
   * Gives a task to the next free worker; the answer is what the worker wrote to the task's `out`.
   * @throws the worker's own error; training/worker-failed where it died over the task; internal/cancelled
   */
  readonly run: (task: AssessTask) => Promise<unknown>;
  /** Ends them; a task at work is abandoned. */
  readonly close: () => Promise<void>;
}

export interface TrainerWorkersOptions {
  /** Absolute path of the interpreter. */
  readonly python: string;
  readonly count: number;
  /** Folder for the workers' specification and what they print to standard error; made if missing. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly task: AssessTask & { readonly id: string };
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** A worker's answer, one line of its standard output. */
interface Answer {
  readonly id?: unknown;
  readonly ok?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** Owned by who opened it. Each worker starts with its first task and, should it die, again with the next. */
export function openTrainerWorkers(options: TrainerWorkersOptions): TrainerWorkers {
  const queue: Waiting[] = [];
  const slots = Array.from({ length: options.count }, (_, index) => new Slot(options, index));
  let isClosed = false;
  let serial = 0;

  const feed = () => {
    for (const slot of slots) {
      if (slot.isBusy) continue;
      const next = queue.shift();
      if (next === undefined) return;
      slot.work(next).finally(feed);
    }
  };
  const close = async () => {
    isClosed = true;
    for (const { reject } of queue.splice(0)) reject(cancelled());
    options.signal.removeEventListener("abort", onAbort);
    await Promise.all(slots.map((slot) => slot.end()));
  };
  const onAbort = () => void close();
  options.signal.addEventListener("abort", onAbort, { once: true });
  return {
    run: (task) =>
      new Promise((resolve, reject) => {
        if (isClosed || options.signal.aborted) {
          reject(cancelled());
          return;
        }
        serial += 1;
        queue.push({ task: { ...task, id: String(serial) }, resolve, reject });
        feed();
      }),
    close,
  };
}

class Slot {
  readonly #options: TrainerWorkersOptions;
  readonly #index: number;
  #child: ChildProcess | undefined;
  #current: Waiting | undefined;
  #isEnded = false;

  constructor(options: TrainerWorkersOptions, index: number) {
    this.#options = options;
    this.#index = index;
  }

  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  /** Resolves when the slot is free again, however the task ended. */
  async work(waiting: Waiting): Promise<void> {
    const done = Promise.withResolvers<void>();
    const settle = (how: () => void) => {
      this.#current = undefined;
      how();
      done.resolve();
    };
    this.#current = {
      task: waiting.task,
      resolve: (answer) => settle(() => waiting.resolve(answer)),
      reject: (error) => settle(() => waiting.reject(error)),
    };
    try {
      this.#child ??= this.#start();
      this.#child.stdin?.write(`${JSON.stringify(waiting.task)}\n`);
    } catch (error) {
      this.#current.reject(error);
    }
    await done.promise;
  }

  async end(): Promise<void> {
    this.#isEnded = true;
    const child = this.#child;
    if (child === undefined) return;
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    // One at work on a fit hears nothing before its end; its results are whole files or none.
    if (this.isBusy) child.kill("SIGKILL");
    else child.stdin?.end();
    const lastResort = setTimeout(() => child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(lastResort);
  }

  #start(): ChildProcess {
    const { folder, env, python } = this.#options;
    mkdirSync(folder, { recursive: true });
    const spec = path.join(folder, "worker.json");
    writeFileSync(spec, JSON.stringify({ schema: 1, threads: 1 } satisfies WorkerSpec));
    const [program = "", ...args] = [
      ...parentDeathSignal(),
      ...[python, "-m", "signalbox_trainer", "assess-worker", spec],
    ];
    const child = spawn(program, args, {
      cwd: folder,
      env: jobEnvironment(env, trainerEnvironment(1)),
      stdio: ["pipe", "pipe", "pipe"],
    });
    let complaint = "";
    child.stderr?.on("data", (bytes: unknown) => {
      complaint = `${complaint}${String(bytes)}`.slice(-4_000);
    });
    // A worker that died breaks the pipe; its end says why.
    child.stdin?.on("error", () => undefined);
    if (child.stdout !== null) createInterface({ input: child.stdout }).on("line", (line) => this.#hear(line));
    child.once("error", (error) => this.#died(error.message));
    child.once("close", (code, signal) =>
      this.#died(`ended with ${signal ?? `code ${code}`}: ${complaint.trim().split("\n").at(-1) ?? ""}`),
    );
    return child;
  }

  #hear(line: string): void {
    let answer: Answer;
    try {
      answer = JSON.parse(line) as Answer; // A line that is no answer fails here or has no id.
    } catch {
      return;
    }
    const current = this.#current;
    if (current === undefined || answer.id !== current.task.id) return;
    if (answer.ok === true) current.resolve(answer.result);
    else current.reject(decodeError(answer.error));
  }

  #died(why: string): void {
    this.#child = undefined;
    const error = this.#isEnded
      ? cancelled()
      : new AppError({
          code: "training/worker-failed",
          message: `Worker ${this.#index + 1} of the assessment ${why}`,
          hint: "If memory ran out: fewer workers (--jobs 1), or executors.local.memory_gib in signalbox.yaml.",
        });
    this.#current?.reject(error);
  }
}
