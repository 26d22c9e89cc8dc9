import path from "node:path";
import { formatSeconds } from "../../../../src-view/times.ts";
import { cancelled } from "../../../contract/errors.ts";
import type { OperationContext } from "../../../contract/operation.ts";
import type { TrainOutput } from "../../../contract/routing/routing-output.ts";
import type { RoutingCore } from "../needs.ts";
import { matchesFilter, refuseNoJobs } from "./job-filter.ts";
import { hasEnded, nextJob, type QueueLimits, readinessOf } from "./job-queue.ts";
import { namesOf } from "./model-names.ts";
import { type Entry, jobName, newRow, queuedJobs, rowsOf, unselectedState } from "./queue-entries.ts";
import { writeQueue } from "./queue-file.ts";
import { limitsOf } from "./queue-limits.ts";
import { refuseOthersNames } from "./refuse-names.ts";
import { type JobNeeds, openJobExecutor } from "./train-job.ts";
import { outputOf, publishReport } from "./train-report.ts";
import { dataHashOf, type TrainRequest } from "./train-request.ts";

type TrainCore = Omit<RoutingCore, "configs" | "splits">;

/**
 * Trains the selected jobs of a plan: by dependencies, then priority, then order, as many at once as cores and memory allow.
 * A failure stops only what depends on it. Run again, it trains what has no finished run.
 */
export async function trainPlan(
  core: TrainCore,
  needs: JobNeeds,
  { request, context }: { readonly request: TrainRequest; readonly context: OperationContext },
): Promise<TrainOutput> {
  const { plan, filter } = request;
  refuseNoJobs(plan.jobs, filter);
  await core.runs.settle();
  const entries = new Map(
    plan.jobs.map((job): [string, Entry] => {
      const finished = core.runs.finishedJob(job.job_id, dataHashOf(plan));
      const isSelected = matchesFilter(job, filter);
      const row = newRow(
        job,
        isSelected ? { state: "queued", why: null } : { ...unselectedState(finished, filter), isAsked: false },
      );
      return [job.job_id, { job, row, finished }];
    }),
  );
  const limits = limitsOf(
    { project: core.project, capacity: await core.place.capacity() },
    plan.jobs.filter((job) => matchesFilter(job, filter)),
    request.atOnce,
  );
  const project = core.project();
  const jobs = plan.jobs.filter((job) => matchesFilter(job, filter)).map((job) => namesOf(job, project));
  await refuseOthersNames(core, { ...request, jobs, isOnlyAsked: request.isDryRun }, context);
  if (request.isDryRun) return dryRun(request, entries, limits);
  return await new TrainQueue(core, needs, { request, context, entries, limits }).run();
}

/** What would run, what wouldn't, and why; changes nothing. */
function dryRun(request: TrainRequest, entries: ReadonlyMap<string, Entry>, limits: QueueLimits): TrainOutput {
  const jobs = new Map(queuedJobs(entries));
  for (const [id, entry] of entries) {
    const job = jobs.get(id);
    if (job === undefined || entry.row.state !== "queued") continue;
    const isReused = entry.finished !== undefined && !request.isFresh;
    const readiness = readinessOf(job, jobs, limits);
    const why = readiness.kind === "ready" ? "would start at once" : readiness.why;
    entry.row = {
      ...entry.row,
      isReused,
      runId: entry.finished?.runId ?? null,
      why: isReused ? "a finished run has trained it; it runs again only if its inputs changed" : why,
      state: readiness.kind === "skip" && !isReused ? "skipped" : "queued",
    };
    jobs.set(id, { ...job, state: entry.row.state });
  }
  return outputOf(request.plan, rowsOf(entries), {
    isDryRun: true,
    atOnce: limits.jobs,
    wallSeconds: 0,
    file: null,
    notes: [],
  });
}

interface QueueParts {
  readonly request: TrainRequest;
  readonly context: OperationContext;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly limits: QueueLimits;
}

class TrainQueue {
  readonly #core: TrainCore;
  readonly #needs: JobNeeds;
  readonly #parts: QueueParts;
  readonly #working = new Map<string, Promise<void>>();

  constructor(core: TrainCore, needs: JobNeeds, parts: QueueParts) {
    this.#core = core;
    this.#needs = needs;
    this.#parts = parts;
  }

  async run(): Promise<TrainOutput> {
    const { context, request, entries, limits } = this.#parts;
    const core = this.#core;
    const { paths } = core.project();
    const began = Date.now();
    const views = await request.views();
    context.report({ stage: "train", state: "started" });
    const execute = await openJobExecutor(core, this.#needs, {
      views,
      request,
      entries,
      limits,
      signal: context.signal,
      report: context.report,
      onChange: () => this.#note(false),
      onProgress: (entry, progress) => this.#tell(entry, progress),
    });
    try {
      for (;;) {
        this.#skipHopeless();
        if (!context.signal.aborted) this.#startReady(execute.one);
        this.#note(false);
        if (this.#working.size === 0) break;
        await Promise.race(this.#working.values());
      }
      if (!context.signal.aborted) this.#skipCircles();
    } finally {
      await Promise.allSettled(this.#working.values());
      if (context.signal.aborted)
        for (const entry of entries.values())
          if (!hasEnded(entry.row.state))
            entry.row = { ...entry.row, state: "cancelled", why: "the training was cancelled" };
      this.#note(true);
      await execute.close();
    }
    if (context.signal.aborted) throw cancelled();
    const output = await publishReport(core, {
      plan: request.plan,
      rows: rowsOf(entries),
      atOnce: limits.jobs,
      wallSeconds: (Date.now() - began) / 1_000,
      trackingUri: request.trackingUri,
    });
    const { trained, reused, promoted, failed, skipped } = output.counts;
    context.report({
      stage: "train",
      state: "finished",
      elapsedMs: Date.now() - began,
      message: `${trained} trained, ${reused} trained before, ${promoted} promoted, ${failed} failed, ${skipped} skipped; report in ${path.relative(paths.root, paths.routing)}/training_report.md`,
    });
    return output;
  }

  #note(isOver: boolean): void {
    const { entries, request } = this.#parts;
    const jobs = queuedJobs(entries);
    for (const entry of entries.values()) {
      const job = jobs.get(entry.job.job_id);
      if (entry.row.state !== "queued" || job === undefined) continue;
      const readiness = readinessOf(job, jobs, this.#parts.limits);
      entry.row = { ...entry.row, why: readiness.kind === "ready" ? null : readiness.why };
    }
    writeQueue(this.#core.project().paths, {
      planHash: request.plan.metadata.plan_hash,
      isOver,
      jobs: rowsOf(entries),
    });
  }

  #skipHopeless(): void {
    const { entries, limits, context } = this.#parts;
    for (let isChanged = true; isChanged; ) {
      isChanged = false;
      const jobs = queuedJobs(entries);
      for (const [id, entry] of entries) {
        const job = jobs.get(id);
        if (entry.row.state !== "queued" || job === undefined) continue;
        const readiness = readinessOf(job, jobs, limits);
        if (readiness.kind !== "skip") continue;
        entry.row = { ...entry.row, state: "skipped", why: readiness.why };
        const message = `${jobName(entry.job)}: skipped, ${readiness.why}`;
        context.report({ stage: "train", outcome: "skipped", message });
        isChanged = true;
      }
    }
  }

  /** Nothing is running and nothing can start: the remaining jobs wait for each other, as an older plan's jobs may. */
  #skipCircles(): void {
    for (const entry of this.#parts.entries.values())
      if (!hasEnded(entry.row.state))
        entry.row = { ...entry.row, state: "skipped", why: `${entry.row.why}, in a circle` };
  }

  #startReady(execute: (entry: Entry) => Promise<void>): void {
    const { entries, limits } = this.#parts;
    for (;;) {
      const next = nextJob(queuedJobs(entries), limits);
      const entry = next === undefined ? undefined : entries.get(next.id);
      if (entry === undefined) return;
      entry.row = { ...entry.row, state: "running", why: null };
      const id = entry.job.job_id;
      const work = execute(entry).finally(() => {
        this.#ended(entry);
        this.#working.delete(id);
      });
      this.#working.set(id, work);
    }
  }

  /** A pipeline's own progress, reported for its job; its stages aren't stages of the training. */
  #tell(entry: Entry, { message, stage }: { readonly message?: string; readonly stage?: string }): void {
    if (message === undefined && stage === undefined) return;
    const { done, total } = this.#count();
    this.#parts.context.report({
      stage: "train",
      done,
      total,
      unit: "jobs",
      message: `${jobName(entry.job)}: ${[stage, message].filter((it) => it !== undefined).join(", ")}`,
    });
  }

  #ended(entry: Entry): void {
    const { row, job } = entry;
    const { done, total } = this.#count();
    const time = row.seconds === null ? "trained before" : formatSeconds(row.seconds);
    const what =
      row.state === "succeeded" ? `${row.verdict ?? "no verdict"}, ${row.family}, ${time}` : `${row.state}: ${row.why}`;
    this.#parts.context.report({
      stage: "train",
      done,
      total,
      unit: "jobs",
      outcome: row.state === "succeeded" ? "succeeded" : "failed",
      message: `${jobName(job)}: ${what}`,
    });
  }

  #count(): { readonly done: number; readonly total: number } {
    const { entries, request } = this.#parts;
    const selected = [...entries.values()].filter(({ job }) => matchesFilter(job, request.filter));
    return { done: selected.filter(({ row }) => hasEnded(row.state)).length, total: selected.length };
  }
}
