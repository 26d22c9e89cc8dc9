import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bareCore } from "../../../../test/support/bare-core.ts";
import { projectId } from "../../../../test/support/plain-project.ts";
import { testPlace } from "../../../../test/support/test-place.ts";
import { projectConfigSchema } from "../../../contract/configs/project-config.ts";
import { AppError } from "../../../contract/errors.ts";
import type { QueueRow, TrainOutput } from "../../../contract/routing/routing-output.ts";
import type { PlanJob, TrainingPlan } from "../../../contract/routing/routing-plans.ts";
import type { RunReport } from "../../../contract/runs.ts";
import type { Core, FinishedJob, Offers, Project } from "../../../foundation/context.ts";
import { projectPaths } from "../../../foundation/files/paths.ts";
import type { MlflowClient } from "../../../foundation/mlflow/client.ts";
import { deliverDue } from "../../outbox/deliver.ts";
import { pendingItems } from "../../outbox/store.ts";
import { measureView } from "../assess/measure-view.ts";
import type { PreparedViews } from "../assess/prepare-views.ts";
import { viewTasksOf } from "../assess/view-tasks.ts";
import type { RoutingNeeds } from "../needs.ts";
import { jobId } from "../plan/job-id.ts";
import { assemblePlan } from "../plan/training-plan.ts";
import { defaultPolicy } from "../policy/policy.ts";
import { delay, family, measuring, viewInput } from "../testing/measured-views.ts";
import { someInputs, testSeed } from "../testing/plan-samples.ts";
import { summaryDeliverer } from "./plan-summary.ts";
import { readQueue } from "./queue-file.ts";
import { trainPlan } from "./train.ts";
import type { TrainRequest } from "./train-request.ts";

const seed = testSeed("a training");
const root = mkdtempSync(path.join(os.tmpdir(), "signalbox-train-"));
const paths = projectPaths(root);
const symbols = ["s0", "s1", "s2", "s3", "s4", "s5", "s6"];
const config = projectConfigSchema.parse({
  ...{ version: 2, name: "tried", id: projectId, type: "mlflow_model", task: "regression" },
  ...{ master: "m.parquet", target: "delay" },
  ...{ segments: { column: "carrier" }, executors: { local: { threads: 2, memory_gib: 4 } } },
});
const project: Project = { paths, config, experiment: "tried_training", registeredModel: "tried_model" };

let core: Core & Offers;
let views: PreparedViews;

/** Each view's evidence exists already, so that no worker is needed: what is tested is the queue. */
beforeAll(async () => {
  mkdirSync(paths.private, { recursive: true });
  const bare = bareCore(root);
  core = {
    ...bare,
    project: () => project,
    place: testPlace({ python: async () => ({ python: "/nowhere", digest: "e", pythonMinor: "3.13" }) }),
    tracking: async () => {
      throw new AppError({ code: "tracking/unreachable", message: "Nobody listens." });
    },
  };
  const { configs, pooled } = viewInput();
  const target = delay([family("ridge")]);
  const segments = symbols.map((value) => ({ value, train: 80, reference: 20 }));
  views = { project, configs, shared: pooled, targets: [{ target, pooled, segments }] };
  const { it, close } = await measuring();
  for (const { view } of viewTasksOf(core, views, "e").all) await measureView(view, it);
  await close();
});
afterAll(() => {
  core.catalogue().close();
  rmSync(root, { recursive: true, force: true });
});

type Outcome = "trained" | "fails" | "runs out of memory";
interface Job {
  readonly symbol: string;
  readonly priority?: number;
  readonly memoryGib?: number;
  readonly dependsOn?: readonly string[];
  readonly startsAfter?: readonly string[];
  readonly outcome?: Outcome;
}

const idOf = (symbol: string) => jobId({ target: "delay", symbol, training_type: "symbol_specific", stage: 1 });

function planOf(jobs: readonly Job[]): TrainingPlan {
  const planned = jobs.map(
    (it): PlanJob => ({
      ...{ job_id: idOf(it.symbol), target: "delay", symbol: it.symbol, route: "ROUTE_SYMBOL_SPECIFIC" },
      ...{ training_type: "symbol_specific", stage: 1, model_families: ["ridge"], priority: it.priority ?? 2 },
      ...{ depends_on: (it.dependsOn ?? []).map(idOf), starts_after: (it.startsAfter ?? []).map(idOf) },
      resources: { device: "cpu", memory_gib: it.memoryGib ?? 1, gpu_memory_gib: 0 },
      ...{ estimated_samples: 80, estimated_seconds: 1, estimate_basis: "b", feature_set_id: null },
      ...{ is_experiment: false, reason: "r", trace: [] },
    }),
  );
  const made = { inputs: someInputs, marks: [], generatedAt: "2025-01-01T00:00:00Z", gitCommit: null };
  return assemblePlan({ jobs: planned, skipped: [], ...made });
}

/** Pipelines that take a moment and end as the job says; `course`: what started and ended, in order. */
function pipelines(jobs: readonly Job[], more: { readonly finished?: readonly string[] } = {}) {
  const course: string[] = [];
  const finished = new Map((more.finished ?? []).map((symbol) => [idOf(symbol), finishedRun(symbol)]));
  let atWork = 0;
  let most = 0;
  const needs: Parameters<typeof trainPlan>[1] = {
    policy: () => ({ policy: defaultPolicy(), origins: {}, file: null, digest: "" }),
    executePlanRun: async (
      { planRun }: Parameters<RoutingNeeds["executePlanRun"]>[0],
      { signal }: { signal: AbortSignal },
    ) => {
      const symbol = planRun.segment?.value ?? "CS";
      course.push(`begin ${symbol}`);
      atWork += 1;
      most = Math.max(most, atWork);
      await pause(2, undefined, { signal }).catch(() => undefined);
      atWork -= 1;
      course.push(`end ${symbol}`);
      signal.throwIfAborted();
      const outcome = jobs.find((it) => it.symbol === symbol)?.outcome ?? "trained";
      if (outcome === "fails") throw new AppError({ code: "training/failed", message: `no fit of ${symbol}` });
      if (outcome !== "trained") throw new AppError({ code: "jobs/out-of-memory", message: "too large" });
      finished.set(planRun.jobId, finishedRun(symbol));
      const report = { run: { runId: `run of ${symbol}`, number: 1 }, decision: null } as unknown as RunReport;
      return { report, isReused: false };
    },
  };
  const runs = { ...core.runs, settle: async () => undefined, finishedJob: (id: string) => finished.get(id) };
  return { core: { ...core, runs }, needs, course, most: () => most };
}

const finishedRun = (symbol: string) => ({ runId: `run of ${symbol}` }) as FinishedJob;

async function train(
  jobs: readonly Job[],
  request: Partial<TrainRequest> = {},
  more: Parameters<typeof pipelines>[1] = {},
) {
  const made = pipelines(jobs, more);
  const stop = new AbortController();
  const output = await trainPlan(made.core, made.needs, {
    request: {
      ...{ plan: planOf(jobs), filter: {}, isFresh: false, promote: true, isDryRun: false, views: async () => views },
      ...request,
    },
    context: { signal: stop.signal, report: () => undefined },
  });
  return { output, ...made };
}

const states = ({ jobs }: TrainOutput) => Object.fromEntries(jobs.map((row) => [row.symbol, row.state]));
const rowOf = ({ jobs }: TrainOutput, symbol: string): QueueRow | undefined =>
  jobs.find((row) => row.symbol === symbol);

describe("a training", () => {
  test("follows dependencies, then priority, then age", async () => {
    const jobs: Job[] = [
      { symbol: "s0", priority: 3, dependsOn: ["s3"] },
      { symbol: "s1", priority: 1 },
      { symbol: "s2" },
      { symbol: "s3" },
    ];
    const { course } = await train(jobs, { atOnce: 1 });
    const order = course.filter((it) => it.startsWith("begin")).map((it) => it.slice(6));
    expect(order).toEqual(["s2", "s3", "s0", "s1"]);
  });

  test("continues after a failure; what depends on it is skipped and says why, through every step", async () => {
    const jobs: Job[] = [
      { symbol: "s0", outcome: "fails" },
      { symbol: "s1", dependsOn: ["s0"] },
      { symbol: "s2", dependsOn: ["s1"] },
      { symbol: "s3", startsAfter: ["s0"] },
      { symbol: "s4", outcome: "runs out of memory" },
    ];
    const { output } = await train(jobs);
    expect(states(output)).toEqual({
      s0: "failed",
      s1: "skipped",
      s2: "skipped",
      s3: "succeeded",
      s4: "out_of_memory",
    });
    expect(rowOf(output, "s0")?.why).toBe("training/failed: no fit of s0");
    expect(rowOf(output, "s1")?.why).toBe(`needs delay/s0 (${idOf("s0")}), which failed`);
    expect(rowOf(output, "s2")?.why).toBe(`needs delay/s1 (${idOf("s1")}), which was skipped`);
    expect(output.counts).toMatchObject({ planned: 5, trained: 1, failed: 2, skipped: 2 });
  });

  test("skips jobs that wait for each other, and says so", async () => {
    const jobs: Job[] = [
      { symbol: "s0", dependsOn: ["s1"] },
      { symbol: "s1", startsAfter: ["s0"] },
      { symbol: "s2", dependsOn: ["s2"] },
      { symbol: "s3" },
    ];
    const { output } = await train(jobs);
    expect(states(output)).toEqual({ s0: "skipped", s1: "skipped", s2: "skipped", s3: "succeeded" });
    expect(rowOf(output, "s1")?.why).toBe("waits for delay/s0 (queued), in a circle");
  });

  test("runs a job that is too large for the machine alone", async () => {
    const jobs: Job[] = [{ symbol: "s0" }, { symbol: "s1", memoryGib: 50, priority: 3 }, { symbol: "s2" }];
    const { course } = await train(jobs, { atOnce: 3 });
    const at = course.indexOf("begin s1");
    expect(course[at + 1]).toBe("end s1");
    expect(course.slice(0, at).filter((it) => it.startsWith("begin"))).toHaveLength(
      course.slice(0, at).filter((it) => it.startsWith("end")).length,
    );
  });

  test("records the queue, and a report with what wasn't sent to MLflow", async () => {
    const { output } = await train([{ symbol: "s0" }, { symbol: "s1", outcome: "fails" }]);
    expect(readQueue(paths)).toMatchObject({ planHash: output.planHash, isWorking: false, jobs: output.jobs });
    expect(output.notes).toEqual(["The summary wasn't sent to MLflow: Nobody listens."]);
    expect(readFileSync(path.join(root, output.file ?? ""), "utf8")).toContain("training/failed: no fit of s1");
    expect(JSON.parse(readFileSync(path.join(paths.routing, "training_report.json"), "utf8"))).toEqual(output);
  });

  test("leaves an unsent summary to a later command; the last training's counts", async () => {
    await train([{ symbol: "s0", outcome: "fails" }]);
    const { output } = await train([{ symbol: "s0" }]);
    expect(pendingItems(core.catalogue())).toMatchObject([{ subject: "tried_training", tried: 1 }]);
    const tags: Record<string, string> = {};
    const ownership = {
      claimExperiment: async (_: unknown, { experiment }: { experiment: string }) => `id of ${experiment}`,
    };
    const client = {
      setExperimentTags: async (id: string, more: Record<string, string>) => void Object.assign(tags, { id }, more),
    } as unknown as MlflowClient;
    const deliver = (source: "flag" | "managed", uri: string) =>
      deliverDue(core, [summaryDeliverer({ ownership }, { client, uri, source })], { isUrged: false });
    expect(await deliver("flag", "http://one")).toMatchObject({ delivered: 1 });
    expect(tags).toMatchObject({
      id: "id of tried_training",
      "signalbox.plan_hash": output.planHash,
      "signalbox.plan_trained": "1",
      "signalbox.plan_failed": "0",
    });
    await train([{ symbol: "s0" }], { trackingUri: "http://ada:secret@two/" });
    expect(pendingItems(core.catalogue())).toMatchObject([{ payload: { server: "http://two" } }]);
    expect(await deliver("flag", "http://one")).toMatchObject({ waiting: 1 });
    expect(await deliver("flag", "http://two")).toMatchObject({ delivered: 1 });
  });

  test("counts unselected jobs as trained if a run trained them, else skips what needs them", async () => {
    const jobs: Job[] = [{ symbol: "s0" }, { symbol: "s1", dependsOn: ["s0"] }, { symbol: "s2" }];
    const filter = { symbol: "s1" };
    const without = await train(jobs, { filter });
    expect(states(without.output)).toEqual({ s0: "skipped", s1: "skipped", s2: "skipped" });
    expect(without.course).toEqual([]);
    const { output, course } = await train(jobs, { filter }, { finished: ["s0"] });
    expect(states(output)).toEqual({ s0: "succeeded", s1: "succeeded", s2: "skipped" });
    expect(course).toEqual(["begin s1", "end s1"]);
    expect(output.counts).toMatchObject({ planned: 3, selected: 1, trained: 1 });
  });

  test("that selects no job is refused before it starts", async () => {
    await expect(train([{ symbol: "s0" }], { filter: { symbol: "s9" } })).rejects.toMatchObject({
      code: "training/no-jobs",
    });
  });

  test("of a family that the target no longer has fails that job, with the reason", async () => {
    const plan = planOf([{ symbol: "s0" }]);
    const jobs = plan.jobs.map((job) => ({ ...job, model_families: ["gone"] }));
    const { output } = await train([{ symbol: "s0" }], { plan: { ...plan, jobs } });
    expect(rowOf(output, "s0")).toMatchObject({ state: "failed", why: expect.stringContaining("gone") });
  });
});

describe("a dry run", () => {
  test("reports what would happen to each job, and changes nothing", async () => {
    const jobs: Job[] = [
      { symbol: "s0" },
      { symbol: "s1", dependsOn: ["s0"] },
      { symbol: "s2", dependsOn: ["s3"] },
      { symbol: "s3" },
    ];
    const dry = await train(jobs, { isDryRun: true, filter: {} }, { finished: ["s3"] });
    expect(dry.course).toEqual([]);
    expect(dry.output).toMatchObject({ isDryRun: true, file: null, atOnce: 2 });
    expect(dry.output.jobs.map(({ symbol, isReused, why }) => [symbol, isReused, why])).toEqual([
      ["s0", false, "would start at once"],
      ["s1", false, "waits for delay/s0 (queued)"],
      ["s2", false, "waits for delay/s3 (queued)"],
      ["s3", true, "a finished run has trained it; it runs again only if its inputs changed"],
    ]);
  });
});

describe("a training that is cancelled", () => {
  test("ends what is running, leaves the rest cancelled, and says so", async () => {
    const jobs: Job[] = symbols.map((symbol) => ({ symbol }));
    const { core, needs, course } = pipelines(jobs);
    const stop = new AbortController();
    const execute = needs.executePlanRun;
    const stopping: typeof needs = {
      ...needs,
      executePlanRun: (request, context) => {
        if (course.length >= 3) stop.abort(new AppError({ code: "internal/cancelled", message: "Cancelled." }));
        return execute(request, context);
      },
    };
    const request = {
      plan: planOf(jobs),
      filter: {},
      isFresh: false,
      promote: true,
      isDryRun: false,
      views: async () => views,
    };
    const training = trainPlan(core, stopping, { request, context: { signal: stop.signal, report: () => undefined } });
    await expect(training).rejects.toMatchObject({ code: "internal/cancelled" });
    const { jobs: rows, isWorking } = readQueue(paths);
    expect(isWorking).toBe(false);
    expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["succeeded", "cancelled"]));
  });
});

const job = fc.record({
  priority: fc.integer({ min: 1, max: 3 }),
  memoryGib: fc.constantFrom(0.5, 1, 2, 9),
  dependsOn: fc.array(fc.nat(symbols.length - 1), { maxLength: 2 }),
  startsAfter: fc.array(fc.nat(symbols.length - 1), { maxLength: 2 }),
  outcome: fc.constantFrom<Outcome>("trained", "trained", "trained", "fails", "runs out of memory"),
});
/** A job names only jobs before it in the plan: no circles. */
const acyclic = fc.array(job, { minLength: 1, maxLength: symbols.length }).map((drawn) =>
  drawn.map((it, index): Job & { readonly outcome: Outcome } => {
    const before = (wanted: readonly number[]) =>
      [...new Set(wanted)].filter((other) => other < index).map((other) => `s${other}`);
    return { ...it, symbol: `s${index}`, dependsOn: before(it.dependsOn), startsAfter: before(it.startsAfter) };
  }),
);

test("over any graph, priorities, limits and outcomes every job ends once, in order and within the limits", async () => {
  const property = fc.asyncProperty(acyclic, fc.integer({ min: 1, max: 3 }), async (jobs, atOnce) => {
    const { output, course, most } = await train(jobs, { atOnce });
    expect(most()).toBeLessThanOrEqual(atOnce);
    const ended = states(output);
    for (const { symbol, dependsOn = [], startsAfter = [], outcome } of jobs) {
      const isHopeless = dependsOn.some((other) => ended[other] !== "succeeded");
      const reached = { trained: "succeeded", fails: "failed", "runs out of memory": "out_of_memory" }[outcome];
      expect(ended[symbol]).toBe(isHopeless ? "skipped" : reached);
      const began = course.flatMap((it, at) => (it === `begin ${symbol}` ? [at] : []));
      expect(began).toHaveLength(isHopeless ? 0 : 1);
      for (const other of [...dependsOn, ...startsAfter])
        if (ended[other] !== "skipped" && !isHopeless)
          expect(course.indexOf(`end ${other}`)).toBeLessThan(began[0] ?? -1);
    }
  });
  await fc.assert(property, { seed, numRuns: 25 });
});
