import { randomBytes } from "node:crypto";
import { readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { AppError, cancelled, decodeError } from "../../contract/errors.ts";
import type { AssessTask } from "../../contract/trainer/assess-tasks.ts";
import type { AssessSpec } from "../../contract/trainer/job-specs.ts";
import { jobPaths } from "./job-files.ts";
import { documentName } from "./job-spec.ts";
import { isSettled } from "./job-status.ts";
import { tailOf } from "./out-of-memory.ts";
import type { Channel, Place, PythonEnvironment } from "./place.ts";
import { trainerEnvironment } from "./trainer-environment.ts";

/** An assessment: long-lived programs of the trainer, their libraries loaded once, that answer one task after another. */
export interface TrainerWorkers {
  /**
   * Gives a task to the next free worker; the answer is what the worker wrote to the task's `out`.
   * @throws the worker's own error; training/worker-failed where it died over the task; internal/cancelled
   */
  readonly run: (task: AssessTask) => Promise<unknown>;
  /** Ends them; a running task is abandoned. */
  readonly close: () => Promise<void>;
}

export interface TrainerWorkersOptions {
  readonly place: Place;
  readonly python: PythonEnvironment;
  readonly count: number;
  /** Folder that the assessment's job gets its own in; made if missing. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The answer to a task, one line. */
interface Answer {
  readonly id?: unknown;
  readonly ok?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

/** How long workers without a task may take to end. */
const endMs = 5_000;

/**
 * One job at a place, which drives its workers there; owned by who opened it. It starts with the first task and, should it die, again
 * with the next.
 */
export function openTrainerWorkers(options: TrainerWorkersOptions): TrainerWorkers {
  const { signal } = options;
  const waiting = new Map<string, Waiting>();
  let job: Promise<Channel> | undefined;
  let isClosed = false;
  let serial = 0;

  const rejectAll = (error: unknown) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const start = async (): Promise<Channel> => {
    const channel = await openAssessment(options);
    void hear(channel);
    return channel;
  };
  const hear = async (channel: Channel) => {
    for await (const line of channel.lines) settle(waiting, line);
    const { exit } = await channel.ended;
    const how = exit?.error ?? exit?.signal ?? `code ${exit?.code}`;
    const said = tailOf(jobPaths(channel.folder).outputLog, 0, 4_000).trim().split("\n").at(-1) ?? "";
    // First: who hears of a failure may give the next task at once.
    job = undefined;
    rejectAll(isClosed ? cancelled() : failed(`The assessment's job ended with ${how}: ${said}`));
  };
  const close = async () => {
    isClosed = true;
    signal.removeEventListener("abort", onAbort);
    const isAtWork = waiting.size > 0;
    rejectAll(cancelled());
    const channel = await job?.catch(() => undefined);
    if (channel !== undefined) await endAssessment(options.place, channel, isAtWork);
  };
  const onAbort = () => void close();
  signal.addEventListener("abort", onAbort, { once: true });
  return {
    run: (task) =>
      new Promise((resolve, reject) => {
        if (isClosed || signal.aborted) {
          reject(cancelled());
          return;
        }
        serial += 1;
        const id = String(serial);
        waiting.set(id, { resolve, reject });
        job ??= start();
        job.then(
          ({ send }) => send(JSON.stringify({ ...task, id })),
          (error: unknown) => {
            job = undefined;
            waiting.delete(id);
            reject(error);
          },
        );
      }),
    close,
  };
}

async function openAssessment({ place, python, count, folder }: TrainerWorkersOptions): Promise<Channel> {
  clearEnded(place, folder);
  const jobId = `assess-${randomBytes(4).toString("hex")}`;
  const spec: AssessSpec = { schema: 1, threads: 1, workers: count };
  return await place.open(
    {
      jobId,
      runId: "assessment",
      kind: "assess",
      folder: path.join(folder, jobId),
      argv: ["python", "-m", "signalbox_trainer", "assess", documentName],
      python,
      env: trainerEnvironment(1),
      document: spec,
      inputs: [],
      expectedOutputs: [],
    },
    "lines",
  );
}

/** Workers at a fit hear nothing before its end, and their results are whole files or none: they are killed. */
async function endAssessment(place: Place, { folder, end, ended }: Channel, isAtWork: boolean): Promise<void> {
  if (isAtWork) await place.cancel(folder, 0);
  else end();
  const lastResort = setTimeout(() => void place.cancel(folder, 0), endMs);
  const { state } = await ended;
  clearTimeout(lastResort);
  if (state !== "failed") rmSync(folder, { recursive: true, force: true });
}

/** Removes what assessments left that were killed, or that failed before this one. */
function clearEnded(place: Place, folder: string): void {
  for (const name of namesIn(folder)) {
    const state = place.status(path.join(folder, name))?.state;
    // Without a state it is one that another process just makes.
    if (state !== undefined && isSettled(state)) rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function settle(waiting: Map<string, Waiting>, line: string): void {
  let answer: Answer;
  try {
    answer = JSON.parse(line) as Answer; // A line that is no answer fails here or has no id.
  } catch {
    return;
  }
  const id = String(answer.id);
  const asked = waiting.get(id);
  waiting.delete(id);
  if (answer.ok === true) asked?.resolve(answer.result);
  else asked?.reject(decodeError(answer.error));
}

function failed(message: string): AppError {
  return new AppError({
    code: "training/worker-failed",
    message,
    hint: "If memory ran out: fewer workers (--jobs 1), or executors.local.memory_gib in signalbox.yaml.",
  });
}
