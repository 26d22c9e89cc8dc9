import { type AppError, decodeError } from "../../contract/errors.ts";
import type { JobState, TrainerEvent } from "../../contract/jobs.ts";
import { attemptOffsets } from "./follow-attempt.ts";
import { eventsOf } from "./follow-events.ts";
import { type JobExit, type JobOutput, jobPaths } from "./job-files.ts";
import { tailOf } from "./out-of-memory.ts";
import type { JobRequest, Place } from "./place.ts";

/** Where the course of a job is written down beside its folder: the catalogue's rows. */
export interface JobRecord {
  readonly started: (request: JobRequest) => void;
  readonly settled: (request: JobRequest, state: JobState) => void;
}

export interface RunJobOptions {
  readonly place: Place;
  readonly record: JobRecord;
  readonly signal: AbortSignal;
  /** Between TERM and KILL when the job is cancelled, in milliseconds. */
  readonly graceMs?: number;
  /** Every event of the attempt in order, also those from before attaching; `end` continues a following. */
  readonly onEvent?: (event: TrainerEvent, end: number) => void | Promise<void>;
  /** Bytes of standard output and error of the attempt, as they come. */
  readonly onOutput?: (bytes: Buffer, end: number) => void;
  /** Follow events from this offset of events.jsonl (the `end` last handled) if it is in the current attempt. */
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
 * An abort cancels the job and the result says `cancelled`. If this process is killed the job continues: call again to attach.
 * @throws jobs/already-running, jobs/failed (no runner could be started), files/*
 */
export async function runJob(request: JobRequest, options: RunJobOptions): Promise<JobResult> {
  const { place, signal } = options;
  signal.throwIfAborted();
  const { attempt, isAttached } = await place.start(request);
  options.record.started(request);
  const cancelling = cancelOnAbort(request.folder, options);
  try {
    const [seen] = await Promise.all([
      watchEvents(request.folder, attempt, options),
      watchOutput(request.folder, attempt, options),
    ]);
    await cancelling.settled();
    await place.fetchOutputs(request.folder);
    const status = place.status(request.folder) ?? { state: "lost", attempt, brokenOutputs: [] };
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
      outputTail: tailOf(
        jobPaths(request.folder).outputLog,
        (await attemptOffsets(request.folder, attempt)).output,
        tailBytes,
      ),
    };
  } finally {
    cancelling.stop();
  }
}

function cancelOnAbort(folder: string, options: RunJobOptions) {
  const { place, signal, graceMs = defaultGraceMs } = options;
  let cancelling: Promise<unknown> = Promise.resolve();
  const cancel = () => {
    cancelling = place.cancel(folder, graceMs);
    // Awaited by `settled`; without this a failure before that would count as unhandled.
    cancelling.catch(() => undefined);
  };
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  return { settled: () => cancelling, stop: () => signal.removeEventListener("abort", cancel) };
}

async function watchEvents(folder: string, attempt: number, { place, onEvent, eventsFrom = 0 }: RunJobOptions) {
  let [lastError, garbageLines]: [AppError | undefined, number] = [undefined, 0];
  const pieces = place.follow(folder, { attempt, log: "events", offset: eventsFrom });
  for await (const { event, garbage, end } of eventsOf(pieces)) {
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

async function watchOutput(folder: string, attempt: number, { place, onOutput }: RunJobOptions): Promise<void> {
  if (onOutput === undefined) return;
  for await (const { bytes, end } of place.follow(folder, { attempt, log: "output" })) onOutput(bytes, end);
}
