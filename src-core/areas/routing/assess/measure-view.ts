import { existsSync } from "node:fs";
import { isCancelled, toAppError } from "../../../contract/errors.ts";
import type { FamilyEvidence, ViewEvidence } from "../../../contract/routing/routing-evidence.ts";
import { viewName } from "../../../contract/routing/view-name.ts";
import type { Measured } from "../../../contract/runs/stage-results.ts";
import type { AssessTask } from "../../../contract/trainer/assess-tasks.ts";
import { clustersOf } from "../../../foundation/compute/clusters.ts";
import { measureWithIntervals } from "../../../foundation/compute/intervals.ts";
import { measure } from "../../../foundation/compute/measure.ts";
import type { ComputePool } from "../../../foundation/compute/pool.ts";
import type { Duck } from "../../../foundation/duck/open.ts";
import type { TrainerWorkers } from "../../../foundation/exec/trainer-workers.ts";
import { writeJsonDurable } from "../../../foundation/files/durable.ts";
import type { RoutingPolicy } from "../policy/policy.ts";
import type { Family } from "../policy/targets.ts";
import { type FoldResult, type Prepared, readFold, readPrepared, readSelected } from "./evidence-files.ts";
import { type HeldOut, readHeldOut } from "./held-out.ts";
import { leakageOf } from "./leakage.ts";
import { type ImportanceSnapshot, stabilityOf } from "./stability.ts";
import { featureSetId, knownAfter } from "./view-features.ts";
import { familySignature, foldTask, prepareTask, selectTask, type ViewTask } from "./view-task.ts";

/** Resamples of a score's interval: 999, as for every interval of Signalbox. */
const replicates = 999;

export interface Measuring {
  readonly workers: Pick<TrainerWorkers, "run">;
  readonly duck: Duck;
  readonly pool: Pick<ComputePool, "replicates">;
  readonly policy: RoutingPolicy;
  /** Measure again what exists already. */
  readonly isFresh: boolean;
  readonly signal: AbortSignal;
  /** Called when a task is done: measured now, or found from before. */
  readonly onTask: (task: { readonly isReused: boolean; readonly what: string }) => void;
  /** Called with the number of the view's tasks, once its folds are known. */
  readonly onTasks: (count: number) => void;
}

/** Measures one view: its rows and leaks, every family fold by fold, the best one's score with its interval, its stability. */
export async function measureView(view: ViewTask, it: Measuring): Promise<ViewEvidence> {
  const { target } = view.input;
  const rows = await prepared(view, it);
  const isMeasurable = rows.folds >= 2;
  it.onTasks(1 + (isMeasurable ? target.families.length * rows.folds : 0));
  const families = isMeasurable
    ? await Promise.all(target.families.map((family) => measureFamily(view, family, { it, folds: rows.folds })))
    : target.families.map((family) => unmeasured(view, family, rows));
  return await evidenceOf(view, it, { prepared: rows, families });
}

/** The rows of a view: how many, in how many folds, and what its single features reveal. */
export async function prepared(view: ViewTask, it: Measuring): Promise<Prepared> {
  return await taskOf(it, {
    read: () => readPrepared(view.paths.prepared, view.signature),
    task: prepareTask(view),
    what: `${nameOf(view)}: rows`,
  });
}

export interface MeasuredFamily {
  readonly evidence: FamilyEvidence;
  readonly heldOut: HeldOut | null;
  readonly snapshots: readonly ImportanceSnapshot[];
}

/** A result from before, or the worker's, which wrote it before it answered. */
async function taskOf<T>(
  it: Measuring,
  task: { readonly read: () => T | undefined; readonly task: AssessTask; readonly what: string },
): Promise<T> {
  const known = it.isFresh ? undefined : task.read();
  if (known === undefined) await it.workers.run(task.task);
  const result = known ?? task.read();
  if (result === undefined) throw new Error(`The worker left no readable result for ${task.what}.`);
  it.onTask({ isReused: known !== undefined, what: task.what });
  return result;
}

/** One family on every fold, with the score of all held-out predictions together; a failed fit is recorded as a failure. */
export async function measureFamily(
  view: ViewTask,
  family: Family,
  { it, folds }: { readonly it: Measuring; readonly folds: number },
): Promise<MeasuredFamily> {
  const signature = familySignature(view, family);
  const results = await Promise.all(
    Array.from({ length: folds }, async (_, fold): Promise<FoldResult> => {
      const file = view.paths.fold(signature, fold);
      const what = `${nameOf(view)}: ${family.name}, fold ${fold + 1} of ${folds}`;
      const read = () => {
        const result = readFold(file, signature);
        const isWhole = result === undefined || "error" in result || existsSync(view.paths.heldOut(signature, fold));
        return isWhole ? result : undefined;
      };
      try {
        return await taskOf(it, { read, task: foldTask(view, family, fold), what });
      } catch (error) {
        if (isCancelled(error) || it.signal.aborted) throw error;
        // A fit that killed its worker is evidence too, and isn't repeated by the next command.
        const { code, message } = toAppError(error);
        const failure = { signature, error: { code, message } };
        writeJsonDurable(file, failure);
        it.onTask({ isReused: false, what });
        return failure;
      }
    }),
  );
  const failed = results.find((result) => "error" in result);
  const measured = results.flatMap((result) => ("error" in result ? [] : [result]));
  const common = {
    family: family.name,
    type: family.type,
    stage: family.stage,
    signature,
    folds,
    fold_scores: results.map((result) => ("error" in result ? null : result.score)),
    fit_seconds: measured.map((result) => result.fit_seconds),
    peak_memory_bytes: measured.reduce<number | null>(
      (most, { peak_memory_bytes: bytes }) => (bytes === null ? most : Math.max(most ?? 0, bytes)),
      null,
    ),
  };
  if (failed !== undefined && "error" in failed)
    return { evidence: { ...common, score: null, error: failed.error }, heldOut: null, snapshots: [] };
  const heldOut = await readHeldOut(
    it.duck,
    results.map((_, fold) => view.paths.heldOut(signature, fold)),
    hasGroup(view),
  );
  const expected = measured.reduce((sum, { rows_test: rows }) => sum + rows, 0);
  if (heldOut.rows.length !== expected)
    throw new Error(
      `${nameOf(view)}, ${family.name}: ${heldOut.rows.length} of ${expected} held-out predictions were read.`,
    );
  const { value, reason } = measure(view.input.target.metric, rowsOf(view, heldOut));
  const error = value === null ? { code: "training/no-metrics", message: reason ?? "no score" } : null;
  // A fold whose score is undefined ranks nothing: two such rankings would agree completely.
  const snapshots = measured
    .filter(({ importances }) => Object.keys(importances).length > 0)
    .map(({ importances }) => ({ signature, importances }));
  return { evidence: { ...common, score: value, error }, heldOut, snapshots };
}

function unmeasured(view: ViewTask, family: Family, prepared: Prepared): MeasuredFamily {
  const message = prepared.note ?? "fewer than two folds can be made of these rows";
  return {
    evidence: {
      family: family.name,
      type: family.type,
      stage: family.stage,
      signature: familySignature(view, family),
      folds: prepared.folds,
      score: null,
      fold_scores: [],
      fit_seconds: [],
      peak_memory_bytes: null,
      error: { code: "routing/assess-failed", message },
    },
    heldOut: null,
    snapshots: [],
  };
}

async function evidenceOf(
  view: ViewTask,
  it: Measuring,
  made: { readonly prepared: Prepared; readonly families: readonly MeasuredFamily[] },
): Promise<ViewEvidence> {
  const { target, segment, configs, features } = view.input;
  const { prepared, families } = made;
  const best = bestOf(families);
  const interval = best?.heldOut ? await intervalOf(view, it, best.heldOut) : undefined;
  const leaks = leakageOf({
    metric: target.metric,
    knownAfter: knownAfter(features.features, configs.dataContract.value),
    single: prepared.single_features,
    score: best?.evidence.score ?? null,
  });
  const stability = stabilityOf(best?.snapshots ?? [], it.policy);
  const { chosen, failure } = await chosenFeatures(view, it, best?.evidence.family);
  // A score of unknown features is no evidence for a model of them.
  const isMeasured = failure === null && best !== undefined;
  return {
    target: target.name,
    symbol: segment?.value ?? null,
    signature: view.signature,
    rows: prepared.rows,
    groups: prepared.groups,
    folds: prepared.folds,
    effective_sample_size: prepared.effective_sample_size,
    score: isMeasured ? best.evidence.score : null,
    score_low: isMeasured ? (interval?.low ?? null) : null,
    score_high: isMeasured ? (interval?.high ?? null) : null,
    interval_method: isMeasured ? (interval?.method ?? null) : null,
    best_family: isMeasured ? best.evidence.family : null,
    families: families.map((family) => family.evidence),
    stability: stability.stability,
    stability_metrics: stability.metrics,
    leakage_status: leaks.status,
    leakage: [...leaks.findings],
    features: [...chosen],
    feature_set_id: featureSetId(chosen),
    excluded_features: [...features.excluded],
    note: failure ?? prepared.note ?? intervalNote(interval),
  };
}

/** The highest score; among equal ones the first by name. */
export function bestOf(families: readonly MeasuredFamily[]): MeasuredFamily | undefined {
  return families
    .filter(({ evidence }) => evidence.score !== null && evidence.error === null)
    .toSorted(
      (a, b) => (b.evidence.score ?? 0) - (a.evidence.score ?? 0) || (a.evidence.family < b.evidence.family ? -1 : 1),
    )[0];
}

async function intervalOf(view: ViewTask, it: Measuring, heldOut: HeldOut) {
  const { target, configs } = view.input;
  const clusters = clustersOf(heldOut.groups);
  const by = "group" in configs.split.value ? configs.split.value.group : [];
  const measured = await measureWithIntervals(
    {
      rows: rowsOf(view, heldOut),
      metrics: [target.metric],
      clusters: clusters === null ? null : { ...clusters, by },
      replicates,
      seed: 42,
      signal: it.signal,
    },
    it.pool,
  );
  return measured[target.metric];
}

function intervalNote(interval: Measured | undefined): string | null {
  const why = interval?.whyNoInterval ?? null;
  return why === null ? (interval?.note ?? null) : `no interval: ${why}`;
}

function rowsOf({ input }: ViewTask, { target, prediction }: HeldOut) {
  const { task } = input.target;
  return { task, target, prediction, classCount: task === "binary" ? 2 : 1 };
}

const hasGroup = ({ input }: ViewTask): boolean => "group" in input.configs.split.value;

/** The features that training will use, or why none could be selected, which is recorded as a failure of the view. */
async function chosenFeatures(
  view: ViewTask,
  it: Measuring,
  best: string | undefined,
): Promise<{ readonly chosen: readonly string[]; readonly failure: string | null }> {
  const { selection, features, target } = view.input;
  const family = target.families.find(({ name }) => name === best);
  if (selection === null || family === undefined) return { chosen: features.features, failure: null };
  const signature = familySignature(view, family);
  const selected = await taskOf(it, {
    read: () => readSelected(view.paths.selected, signature),
    task: selectTask(view, family, selection),
    what: `${nameOf(view)}: features`,
  });
  return "error" in selected
    ? { chosen: features.features, failure: `its features can't be selected: ${selected.error.message}` }
    : { chosen: selected.features, failure: null };
}

export function nameOf({ input }: Pick<ViewTask, "input">): string {
  return `${input.target.name}/${viewName(input.segment?.value ?? null)}`;
}
