import path from "node:path";
import { type AppError, isCancelled, toAppError } from "../../../contract/errors.ts";
import type { Progress } from "../../../contract/operation.ts";
import type { QueueRow } from "../../../contract/routing/routing-output.ts";
import type { RunReport } from "../../../contract/runs.ts";
import type { AssessTask } from "../../../contract/trainer/assess-tasks.ts";
import { openComputePool } from "../../../foundation/compute/pool.ts";
import { openDuck } from "../../../foundation/duck/open.ts";
import { openTrainerWorkers, type TrainerWorkers } from "../../../foundation/exec/trainer-workers.ts";
import { temporaryPath } from "../../../foundation/files/durable.ts";
import { modelGroups } from "../../configs/check/model-types.ts";
import type { PreparedViews } from "../assess/prepare-views.ts";
import { viewTasksOf } from "../assess/view-tasks.ts";
import type { RoutingCore, RoutingNeeds } from "../needs.ts";
import { planRunOf } from "./compose-plan-run.ts";
import type { QueueLimits } from "./job-queue.ts";
import type { Entry } from "./queue-entries.ts";
import { dataHashOf, type TrainRequest } from "./train-request.ts";

export interface JobExecutorInput {
  readonly views: PreparedViews;
  readonly request: TrainRequest;
  readonly entries: ReadonlyMap<string, Entry>;
  readonly limits: QueueLimits;
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
  /** Called when the entry's row has changed. */
  readonly onChange: (entry: Entry) => void;
  readonly onProgress: (entry: Entry, progress: Progress) => void;
}

export type JobNeeds = Pick<RoutingNeeds, "executePlanRun" | "policy">;

export interface JobExecutor {
  /** Trains one job to its end, and records the result in its row; never throws for a job that failed. */
  readonly one: (entry: Entry) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What every job of a queue needs, opened once: the assessment's workers start only if evidence is missing. */
export async function openJobExecutor(
  core: Pick<RoutingCore, "operations" | "place" | "project" | "projectDir" | "runs">,
  needs: JobNeeds,
  it: JobExecutorInput,
): Promise<JobExecutor> {
  const { views, request, entries, limits, signal } = it;
  const { paths } = core.project();
  const types = views.targets.flatMap(({ target }) => target.families.flatMap((family) => modelGroups(family.type)));
  const python = await core.place.python([...new Set(types)].toSorted(), it.report);
  let workers: TrainerWorkers | undefined;
  const open = () =>
    openTrainerWorkers({
      place: core.place,
      python,
      count: limits.jobs,
      folder: path.join(paths.evidence, "workers"),
      signal,
    });
  const duck = await openDuck({ tempDirectory: temporaryPath(path.join(paths.cache, "train")), signal });
  const pool = openComputePool();
  const tasks = viewTasksOf(core, views, python.digest);
  const since = request.isFresh ? (core.operations.working()?.requestedAt ?? Date.now()) : 0;
  const input = {
    core,
    views,
    planHash: request.plan.metadata.plan_hash,
    marks: request.plan.metadata.marks,
    dataHash: dataHashOf(request.plan),
    onlyFamily: request.filter.family,
    viewOf: tasks.viewOf,
    parentOf: (id: string) => entries.get(id)?.finished,
    duck,
    measuring: {
      workers: {
        run: (task: AssessTask) => {
          workers ??= open();
          return workers.run(task);
        },
      },
      duck,
      pool,
      policy: needs.policy().policy,
      isFresh: false,
      signal,
      onTask: () => undefined,
      onTasks: () => undefined,
    },
  };
  return {
    one: async (entry: Entry) => {
      const began = Date.now();
      try {
        const planRun = await planRunOf(entry.job, input);
        entry.row = { ...entry.row, family: planRun.family?.name ?? "ensemble", modelName: planRun.registeredModel };
        it.onChange(entry);
        const { report, isReused } = await needs.executePlanRun(
          {
            planRun,
            promote: request.promote && !planRun.isExperiment,
            since,
            trackingUri: request.trackingUri,
          },
          { signal, report: (progress) => it.onProgress(entry, progress) },
        );
        entry.finished = core.runs.finishedJob(entry.job.job_id, input.dataHash);
        entry.row = {
          ...entry.row,
          ...rowOf(report),
          isReused,
          seconds: isReused ? null : (Date.now() - began) / 1_000,
        };
      } catch (thrown) {
        const error = toAppError(thrown);
        const state = isCancelled(error)
          ? "cancelled"
          : error.code === "jobs/out-of-memory"
            ? "out_of_memory"
            : "failed";
        entry.row = {
          ...entry.row,
          state,
          why: whyOf(error),
          seconds: (Date.now() - began) / 1_000,
        };
      }
    },
    close: async () => {
      await Promise.allSettled([workers?.close(), pool.close()]);
      duck.close();
    },
  };
}

function whyOf(error: AppError): string {
  return `${error.code}: ${error.message}`;
}

function rowOf({ run, decision }: RunReport): Partial<QueueRow> {
  return {
    state: "succeeded",
    why: null,
    runId: run.runId,
    runNumber: run.number,
    verdict: decision?.gate.verdict ?? null,
    isPromoted: decision?.isAliasMoved ?? false,
    modelVersion: decision?.modelVersion ?? null,
  };
}
