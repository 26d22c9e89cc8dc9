import type { Task } from "../../contract/configs/project-config.ts";

/** What a metric is computed from: one value of the target and one answer of the model per row, in a fixed order. */
export interface ScoredRows {
  readonly task: Task;
  /** Regression: the target in its unit. Classes: the class's index, 0 … classCount − 1 (binary: 1 is the positive class). */
  readonly target: Float64Array;
  /** Regression: ŷ. Binary: the positive class's probability. Multi-class: rows × classCount probabilities, row by row. */
  readonly prediction: Float64Array;
  /** 2 for binary; 1 for regression. */
  readonly classCount: number;
  /** Names of the classes by index, for the reasons of what can't be measured. */
  readonly classNames?: readonly string[];
  /** Classes of the rows without a valid target, which the model never saw, with their numbers of rows. */
  readonly unseenClasses?: Readonly<Record<string, number>>;
}

/**
 * A metric prepared for many weightings of its rows (how often a bootstrap drew each). Null is
 * "undefined for these rows", never NaN.
 *
 * - `sums`: a function of weighted sums of per-row columns; the bootstrap resamples the columns alone.
 * - `weighted`: everything else, computed in one pass over the rows with integer weights (null: each row once).
 */
export type PreparedMetric =
  | {
      readonly kind: "sums";
      readonly rows: number;
      readonly columns: readonly Float64Array[];
      readonly finish: (sums: Float64Array, weight: number) => number | null;
    }
  | {
      readonly kind: "weighted";
      readonly rows: number;
      readonly evaluate: (weights: Uint32Array | null) => number | null;
    };

/** Why a metric has no value on some rows, as an end of the sentence "not measured: …". */
export interface Unmeasured {
  readonly kind: "unmeasured";
  readonly reason: string;
}

export function unmeasured(reason: string): Unmeasured {
  return { kind: "unmeasured", reason };
}

/** A finite number unchanged, anything else null. */
export function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** The value at an index that the caller keeps within bounds. */
export function at(values: Float64Array | Int32Array | Uint32Array | Uint8Array, index: number): number {
  return values[index] as number;
}
