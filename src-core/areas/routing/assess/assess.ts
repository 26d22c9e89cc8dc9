import { rmSync } from "node:fs";
import path from "node:path";
import { counted, formatCount } from "../../../../src-view/numbers.ts";
import type { OperationContext } from "../../../contract/operation.ts";
import type { ViewEvidence } from "../../../contract/routing/routing-evidence.ts";
import { openComputePool } from "../../../foundation/compute/pool.ts";
import { openDuck } from "../../../foundation/duck/open.ts";
import type { PythonEnvironment } from "../../../foundation/exec/place.ts";
import { openTrainerWorkers } from "../../../foundation/exec/trainer-workers.ts";
import { temporaryPath, writeJsonDurable } from "../../../foundation/files/durable.ts";
import { modelGroups } from "../../configs/check/model-types.ts";
import { writeCandidates } from "../candidates/candidate-files.ts";
import { candidateOf, writeEvidence } from "../candidates/evidence-table.ts";
import type { RoutingCore, RoutingNeeds } from "../needs.ts";
import { policyMarks } from "../policy/policy.ts";
import { assessProgress } from "./assess-progress.ts";
import { measureView } from "./measure-view.ts";
import { type PreparedViews, prepareViews } from "./prepare-views.ts";
import { type ViewTasks, viewTasksOf } from "./view-tasks.ts";

export interface AssessRequest {
  readonly isFresh: boolean;
  /** Number of workers; by default one per core. */
  readonly jobs?: number | undefined;
  readonly format: "parquet" | "csv";
}

export interface Assessed {
  readonly views: readonly ViewEvidence[];
  /** Project-relative. */
  readonly candidatesFile: string;
  readonly tasks: number;
  readonly reused: number;
  readonly seconds: number;
  readonly prepared: PreparedViews;
}

/**
 * Measures every target and view. Each fold of each family is a durable result, so a killed assessment resumes where it
 * was. Writes the candidate table, the evidence beside it and the feature sets.
 */
export async function assess(
  core: Pick<RoutingCore, "clock" | "configs" | "place" | "project" | "projectDir" | "runs">,
  needs: RoutingNeeds,
  { request, context }: { readonly request: AssessRequest; readonly context: OperationContext },
): Promise<Assessed> {
  const prepared = await prepareViews(core, needs, context);
  const began = Date.now();
  context.report({ stage: "assess", state: "started" });
  const groups = prepared.targets.flatMap(({ target }) => target.families.flatMap((it) => modelGroups(it.type)));
  const python = await core.place.python([...new Set(groups)].toSorted(), context.report);
  const tasks = viewTasksOf(core, prepared, python.digest).all;
  const progress = assessProgress(tasks, context);
  const views = await measureAll(core, needs, { python, tasks, request, context, progress });
  const candidatesFile = await writeTables(core, needs, { views, prepared, format: request.format });
  const seconds = (Date.now() - began) / 1_000;
  const { done, reused } = progress.sum();
  context.report({
    stage: "assess",
    state: "finished",
    elapsedMs: Date.now() - began,
    message: `${counted(views.length, "view")}, ${counted(done - reused, "result")} measured, ${formatCount(reused)} reused`,
  });
  return { views, candidatesFile, tasks: done, reused, seconds, prepared };
}

async function measureAll(
  core: Pick<RoutingCore, "place" | "project">,
  needs: RoutingNeeds,
  it: {
    readonly python: PythonEnvironment;
    readonly tasks: ViewTasks["all"];
    readonly request: AssessRequest;
    readonly context: OperationContext;
    readonly progress: ReturnType<typeof assessProgress>;
  },
): Promise<readonly ViewEvidence[]> {
  const { python, tasks, request, context, progress } = it;
  const { paths, config } = core.project();
  const count = request.jobs ?? config.executors?.local?.threads ?? (await core.place.capacity()).cores;
  // A view that fails ends the assessment; don't leave the tasks of the others running.
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const workers = openTrainerWorkers({
    place: core.place,
    python,
    count,
    folder: path.join(paths.evidence, "workers"),
    signal,
  });
  const pool = openComputePool();
  const duck = await openDuck({ tempDirectory: temporaryPath(path.join(paths.cache, "assess")), signal });
  const { policy } = needs.policy();
  const measured: (ViewEvidence | undefined)[] = new Array(tasks.length).fill(undefined);
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < tasks.length; index = next++) {
      const task = tasks[index];
      if (task === undefined) continue;
      measured[index] = await measureView(task.view, {
        workers,
        duck,
        pool,
        policy,
        isFresh: request.isFresh,
        signal,
        onTask: (done) => progress.task(task.view, done),
        onTasks: (tasksOfView) => progress.tasks(task.view, tasksOfView),
      });
    }
  };
  // One lane more than workers: while one view's score is computed here, no worker is idle.
  const lanes = Array.from({ length: count + 1 }, lane);
  try {
    await Promise.all(lanes);
    return measured.map((view, index) => {
      if (view === undefined) throw new Error(`Not measured: ${index}`);
      return view;
    });
  } catch (error) {
    stop.abort();
    throw context.signal.aborted ? context.signal.reason : error;
  } finally {
    // The other lanes end first: they still read from what is closed here.
    await workers.close();
    await Promise.allSettled(lanes);
    await pool.close();
    duck.close();
  }
}

async function writeTables(
  core: Pick<RoutingCore, "clock" | "project" | "runs">,
  needs: RoutingNeeds,
  it: { readonly views: readonly ViewEvidence[]; readonly prepared: PreparedViews; readonly format: "parquet" | "csv" },
): Promise<string> {
  const { paths } = core.project();
  const generatedAt = core.clock.now().toISOString();
  const gitCommit = await core.runs.gitCommit();
  const metrics = new Map(it.prepared.targets.map(({ target }) => [target.name, target.metric]));
  for (const view of it.views) {
    const file = path.join(paths.routing, "feature_sets", `${view.feature_set_id}.json`);
    writeJsonDurable(file, { schema: 1, feature_set_id: view.feature_set_id, features: view.features });
  }
  writeEvidence(paths.routing, { generatedAt, gitCommit, marks: policyMarks(needs.policy().policy), views: it.views });
  const candidates = it.views.map((view) =>
    candidateOf(view, { metric: metrics.get(view.target) ?? "r2", generatedAt, gitCommit }),
  );
  const file = path.join(paths.routing, `routing_candidates.${it.format}`);
  await writeCandidates(file, candidates, it.format);
  // An earlier assessment's table in the other format: two tables with different rows would stop the router.
  const other = it.format === "csv" ? "parquet" : "csv";
  rmSync(path.join(paths.routing, `routing_candidates.${other}`), { force: true });
  return path.relative(paths.root, file);
}
