import { compareCodePoints } from "../../../foundation/text/code-points.ts";

/** One of a target's segments whose signal is EXPERIMENTAL. */
export interface Experiment {
  readonly symbol: string;
  readonly score: number | null;
}

/** How many of a target's segments may be experiments. */
export function experimentLimit(fraction: number, segments: number): number {
  // 0.2 · 15 is 3.0000000000000004 and 0.29 · 100 is 28.999999999999996: a share that should be whole counts as whole.
  return Math.floor(fraction * segments + 1e-9);
}

/** The experiments in the order in which they keep their place: best score first, then by name. */
export function ranked<T extends Experiment>(experiments: readonly T[]): readonly T[] {
  return [...experiments].sort(
    (a, b) =>
      (b.score ?? Number.NEGATIVE_INFINITY) - (a.score ?? Number.NEGATIVE_INFINITY) ||
      compareCodePoints(a.symbol, b.symbol),
  );
}
