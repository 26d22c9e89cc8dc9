import type { Task } from "../../../contract/configs/project-config.ts";
import type { FileFact, SideFact } from "../../../contract/runs/stage-results.ts";
import type { StageContext } from "../../../foundation/context.ts";
import type { Duck } from "../../../foundation/duck/open.ts";
import type { KeyedRows } from "./gate-evidence.ts";

export interface ScoredTest {
  readonly name: string;
  readonly data: SideFact;
  readonly predictions: FileFact;
  /** Order of the classes in the model's probabilities; empty for a regression. */
  readonly classes: readonly string[];
  /** Rows of each class of the test that the model doesn't know. */
  readonly unseenClasses: Readonly<Record<string, number>>;
}

/** A model in the artifacts of a run, with the digest that it must have to be loaded. */
export interface ModelOfRun {
  readonly runId: string;
  readonly type: string;
  readonly digest: string;
}

/** Milliseconds per row, for each model in order. */
export type MeasureLatency = (
  context: StageContext,
  models: readonly ModelOfRun[],
) => Promise<readonly { readonly calls: number; readonly p50Ms: number; readonly p95Ms: number }[]>;

export type ScoreModel = (
  context: StageContext,
  request: {
    readonly jobId: string;
    readonly what: string;
    readonly model: ModelOfRun;
    readonly sets: readonly { readonly name: string; readonly data: SideFact }[];
    readonly positiveClass: string | number | boolean | null;
  },
) => Promise<readonly ScoredTest[]>;

export type ReadPredictions = (
  duck: Duck,
  source: {
    readonly predictionsFile: string;
    readonly dataFile: string;
    readonly primaryKey: readonly string[];
    readonly group: readonly string[];
    readonly task: Task;
    readonly modelClasses: readonly string[];
    readonly classes: readonly string[];
  },
) => Promise<KeyedRows>;
