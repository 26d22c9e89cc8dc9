import { mkdirSync } from "node:fs";
import path from "node:path";
import { newFolder, splitProject } from "../../../../test/support/split-project.ts";
import type { SideFact } from "../../../contract/runs/stage-results.ts";
import type { AssessTask } from "../../../contract/trainer/assess-tasks.ts";
import { type Duck, openDuck } from "../../../foundation/duck/open.ts";
import { literal } from "../../../foundation/duck/quote.ts";
import { writeJsonDurable } from "../../../foundation/files/durable.ts";
import type { Measuring } from "../assess/measure-view.ts";
import { type ViewInput, viewTask } from "../assess/view-task.ts";
import { defaultPolicy } from "../policy/policy.ts";
import type { Family, Target } from "../policy/targets.ts";

/** Views as the assessment gets them, and workers that write what the trainer's would, without a fit. */

export function family(name: string, more: Partial<Family> = {}): Family {
  // Families of one type, parameters and seed share their evidence, whatever their names.
  return { name, type: name, params: {}, stage: 1, seed: 42, device: "cpu", ...more };
}

export function delay(families: readonly Family[] = [family("ridge"), family("trees")]): Target {
  return {
    ...{ name: "delay", column: "delay", sql: null, task: "regression", metric: "r2", positiveClass: null },
    ...{ horizonMinutes: null, families, promotion: "configs/promotion.yaml", reads: ["delay"] },
  };
}

const side: SideFact = { path: "train.parquet", sha256: "a".repeat(64), sizeBytes: 1, rows: 100, rowDigest: "r" };

/** What a view is made from, in a folder of its own; each part can be replaced. */
export function viewInput(more: Partial<ViewInput> = {}): ViewInput {
  const projectDir = more.projectDir ?? newFolder();
  const { context } = splitProject({
    root: projectDir,
    contract: {
      version: 1,
      rules: 2,
      primary_key: ["id"],
      target: "delay",
      columns: {
        id: { type: "int" },
        delay: { type: "float", non_nullable: true },
        a: { type: "float" },
        b: { type: "float", known: "after" },
      },
    },
    split: { version: 1, rules: 2, strategy: "group_hash", salt: "s", group: ["day"], test_basis_points: 2_000 },
    feature: { version: 1, numeric: [{ columns: ["a", "b"] }] },
  });
  context.core.catalogue().close();
  return {
    projectDir,
    root: path.join(projectDir, ".signalbox", "evidence"),
    target: delay(),
    segment: null,
    pooled: {
      ...{ splitVersion: 1, masterSha256: "m", train: side, reference: side, optional: [], skipped: [] },
      ...{ manifest: { path: "m", sha256: "m", sizeBytes: 1 }, isReferenceNew: false, group: ["day"] },
      ...{ rowCounts: {}, checks: [], warnings: [] },
    },
    trainFile: path.join(projectDir, "train.parquet"),
    features: { features: ["a"], excluded: [{ feature: "delay", reason: "is the target delay" }] },
    configs: context.configs,
    selection: null,
    environment: "e",
    ...more,
  };
}

export const aView = (more: Partial<ViewInput> = {}) => viewTask(viewInput(more));

/** How a fake fold ends: predictions off by as much as `error`; a recorded failure; a worker that is killed by it. */
type FakeFold =
  | { readonly error: number; readonly importances?: Readonly<Record<string, number>> }
  | { readonly failure: string }
  | { readonly throws: unknown };

export interface FakeAnswers {
  readonly prepared?: Readonly<Record<string, unknown>>;
  readonly fold?: (family: string, fold: number) => FakeFold | Promise<FakeFold>;
  /** The features that a family selects, or why it can't. */
  readonly selected?: (family: string) => readonly string[] | { readonly failure: string };
}

const viewRows = 100;
const fakeFolds = 5;

/** Workers that leave files in the trainer's format. `tasks`: every task they got, "fold ridge 0". */
function fakeWorkers(duck: Duck, answers: FakeAnswers = {}) {
  const tasks: string[] = [];
  const pending = new Set<Promise<unknown>>();
  const answer = async (task: AssessTask): Promise<unknown> => {
    const { out, signature } = task;
    const words = [
      ...(task.kind === "prepare" ? [] : [task.family.name]),
      ...(task.kind === "fold" ? [task.fold] : []),
    ];
    tasks.push([task.kind, ...words].join(" "));
    mkdirSync(path.dirname(out), { recursive: true });
    if (task.kind === "prepare") {
      const known = { effective_sample_size: 80, single_features: [], note: null, ...answers.prepared };
      writeJsonDurable(out, { signature, rows: viewRows, groups: 10, folds: fakeFolds, ...known });
      return null;
    }
    if (task.kind === "select") {
      const selected = answers.selected?.(task.family.name) ?? ["a"];
      const isFailure = "failure" in selected;
      const error = isFailure ? { code: "training/failed", message: selected.failure } : undefined;
      writeJsonDurable(out, isFailure ? { signature, error } : { signature, features: selected });
      return null;
    }
    const { fold } = task;
    const outcome = (await answers.fold?.(task.family.name, fold)) ?? { error: 1 };
    if ("throws" in outcome) throw outcome.throws;
    if ("failure" in outcome) {
      writeJsonDurable(out, { signature, fold, error: { code: "training/failed", message: outcome.failure } });
      return null;
    }
    // Each fold holds every fifth row, of ten days.
    await duck.run(
      `COPY (SELECT i AS row, i AS source_row, 'day ' || (i % 10) AS "group", CAST(i % 17 AS DOUBLE) AS target, CAST(i % 17 + ${outcome.error} * ((i * 7) % 5 - 2) AS DOUBLE) AS prediction FROM range(${viewRows}) t(i) WHERE i % ${fakeFolds} = ${fold}) TO ${literal(out.replace(/\.json$/, ".parquet"))} (FORMAT parquet)`,
    );
    const rows = { rows_train: viewRows - viewRows / fakeFolds, rows_test: viewRows / fakeFolds };
    const cost = { fit_seconds: 0.5, peak_memory_bytes: 1_000 + fold };
    const importances = outcome.importances ?? { a: 3, b: 2, c: 1 };
    writeJsonDurable(out, { signature, fold, ...rows, ...cost, importances, score: 0.5 });
    return null;
  };
  const run = (task: AssessTask) => {
    const answered = answer(task);
    pending.add(answered);
    return answered;
  };
  return { run, tasks, settled: () => Promise.allSettled(pending) };
}

/** A measuring with fake workers; `reported`: what was reported of each task. */
export async function measuring(answers: FakeAnswers = {}, more: Partial<Measuring> = {}) {
  const duck = await openDuck({ tempDirectory: path.join(newFolder(), "duck") });
  const workers = fakeWorkers(duck, answers);
  const reported: { readonly isReused: boolean; readonly what: string }[] = [];
  const counts: number[] = [];
  const it: Measuring = {
    workers,
    duck,
    // About halfway between the least and the largest possible value: intervals are tested where they are computed.
    pool: {
      replicates: async (job) =>
        Float64Array.from({ length: job.replicates * job.metrics.length }, (_, i) => 0.5 + (i % 7) / 1_000),
    },
    policy: defaultPolicy(),
    isFresh: false,
    signal: new AbortController().signal,
    onTask: (task) => void reported.push(task),
    onTasks: (count) => void counts.push(count),
    ...more,
  };
  const close = async () => {
    await workers.settled();
    duck.close();
  };
  return { it, tasks: workers.tasks, reported, counts, close };
}
