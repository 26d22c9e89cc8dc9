import { setTimeout as pause } from "node:timers/promises";
import { type AppError, decodeError } from "../../contract/errors.ts";
import type { JobState, TrainerEvent } from "../../contract/jobs.ts";
import type { Executor, JobRequest } from "./executor.ts";
import { followEvents } from "./follow-events.ts";
import { followFile } from "./follow-file.ts";
import { type JobExit, type JobOutput, jobPaths, readRunning } from "./job-files.ts";
import { hasAttemptEnded } from "./job-status.ts";
import { tailOf } from "./out-of-memory.ts";

/** Where the course of a job is written down beside its folder: the catalogue's rows. */
export interface JobRecord {
  readonly started: (request: JobRequest) => void;
  readonly settled: (request: JobRequest, state: JobState) => void;
}

export interface RunJobOptions {
  readonly executor: Executor;
  readonly record: JobRecord;
  readonly signal: AbortSignal;
  /** Between TERM and KILL when the job is cancelled, in milliseconds. */
  readonly graceMs?: number;
  /** Every event of the attempt in order, also those from before attaching; `end` continues a following. */
  readonly onEvent?: (event: TrainerEvent, end: number) => void | Promise<void>;
  /** Bytes of standard output and error of the attempt, as they come. */
  readonly onOutput?: (bytes: Buffer, end: number) => void;
  /** Follow events from this offset of events.jsonl (the `end` last handled) where it lies in the current attempt. */
  readonly eventsFrom?: number;
}

export interface JobResult {
  readonly state: JobState;
  readonly attempt: number;
  /** True if the job was running, or had succeeded, before this call. */
  readonly isAttached: boolean;
  readonly exit: JobExit | undefined;
  readonly outputs: readonly JobOutput[];
  /** Expected outputs that are missing, or changed since the job wrote them. */
  readonly brokenOutputs: readonly string[];
  /** The program's own last error event. */
  readonly lastError: AppError | undefined;
  /** Lines of events.jsonl that were no events. */
  readonly garbageLines: number;
  /** The end of what the attempt printed, for a message. */
  readonly outputTail: string;
}

const tailBytes = 4000;
const defaultGraceMs = 10_000;

/**
 * Starts a job or attaches to it, follows it to its end and says how it ended; never throws for a job that failed.
 * An abort cancels the job and the result says `cancelled`. If this process dies the job goes on: call again to attach.
 * @throws jobs/already-running, jobs/failed (no runner could be started), files/*
 */
export async function runJob(request: JobRequest, options: RunJobOptions): Promise<JobResult> {
  const { executor, signal } = options;
  signal.throwIfAborted();
  const { attempt, isAttached } = await executor.start(request);
  options.record.started(request);
  const cancelling = cancelOnAbort(request.folder, options);
  try {
    const offsets = await offsetsOf(request.folder, attempt);
    const until = () => hasAttemptEnded(request.folder, attempt);
    const [seen] = await Promise.all([
      watchEvents(request.folder, { ...options, until, offset: Math.max(options.eventsFrom ?? 0, offsets.events) }),
      watchOutput(request.folder, { ...options, until, offset: offsets.output }),
    ]);
    await cancelling.settled();
    const status = executor.status(request.folder) ?? { state: "lost", attempt, brokenOutputs: [] };
    options.record.settled(request, status.state);
    return {
      state: status.state,
      attempt,
      isAttached,
      exit: status.exit,
      outputs: status.exit?.outputs ?? [],
      brokenOutputs: status.brokenOutputs,
      lastError: seen.lastError,
      garbageLines: seen.garbageLines,
      outputTail: tailOf(jobPaths(request.folder).outputLog, offsets.output, tailBytes),
    };
  } finally {
    cancelling.stop();
  }
}

function cancelOnAbort(folder: string, options: RunJobOptions) {
  const { executor, signal, graceMs = defaultGraceMs } = options;
  let cancelling: Promise<unknown> = Promise.resolve();
  const cancel = () => {
    cancelling = executor.cancel(folder, graceMs);
    // Awaited by `settled`; without this a failure before that would count as unhandled.
    cancelling.catch(() => undefined);
  };
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  return { settled: () => cancelling, stop: () => signal.removeEventListener("abort", cancel) };
}

/** Where the attempt's part of the logs begins; known once its runner wrote pid.json, or it ended without. */
async function offsetsOf(folder: string, attempt: number) {
  for (;;) {
    const hasEnded = hasAttemptEnded(folder, attempt);
    const running = readRunning(folder);
    if (running?.attempt === attempt) return { events: running.events_offset, output: running.output_offset };
    if (hasEnded) return { events: Number.MAX_SAFE_INTEGER, output: 0 };
    await pause(10);
  }
}

interface Watch extends RunJobOptions {
  readonly until: () => boolean;
  readonly offset: number;
}

async function watchEvents(folder: string, { until, offset, onEvent }: Watch) {
  let [lastError, garbageLines]: [AppError | undefined, number] = [undefined, 0];
  if (offset === Number.MAX_SAFE_INTEGER) return { lastError, garbageLines };
  for await (const { event, garbage, end } of followEvents(jobPaths(folder).events, { offset, until })) {
    if (event === undefined) {
      garbageLines += 1;
      const message = `A line of the job's events is no event and was passed over: ${garbage}`;
      await onEvent?.({ type: "warning", time: Date.now(), message }, end);
      continue;
    }
    if (event.type === "error")
      lastError = decodeError({
        ...event,
        hint: event.hint ?? undefined,
        next: event.next ?? undefined,
        details: event.details ?? undefined,
      });
    await onEvent?.(event, end);
  }
  return { lastError, garbageLines };
}

async function watchOutput(folder: string, { until, offset, onOutput }: Watch): Promise<void> {
  if (onOutput === undefined) return;
  for await (const { bytes, end } of followFile(jobPaths(folder).outputLog, { offset, until })) onOutput(bytes, end);
}
