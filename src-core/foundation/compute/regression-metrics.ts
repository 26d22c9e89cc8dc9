import { at, finiteOrNull, type PreparedMetric, type ScoredRows, type Unmeasured, unmeasured } from "./scored-rows.ts";

type Prepare = (rows: ScoredRows) => PreparedMetric | Unmeasured;

const mean = (sums: Float64Array, weight: number) => finiteOrNull(at(sums, 0) / weight);
const rootMean = (sums: Float64Array, weight: number) => finiteOrNull(Math.sqrt(at(sums, 0) / weight));

function perRow(rows: ScoredRows, of: (target: number, prediction: number) => number): Float64Array {
  const { target, prediction } = rows;
  const column = new Float64Array(target.length);
  for (let i = 0; i < target.length; i++) column[i] = of(at(target, i), at(prediction, i));
  return column;
}

function sums(
  rows: ScoredRows,
  columns: readonly Float64Array[],
  finish: (sums: Float64Array, weight: number) => number | null,
): PreparedMetric {
  return { kind: "sums", rows: rows.target.length, columns, finish };
}

const squaredError = (rows: ScoredRows) => perRow(rows, (y, p) => (y - p) * (y - p));
const absoluteError = (rows: ScoredRows) => perRow(rows, (y, p) => Math.abs(y - p));

function r2(rows: ScoredRows): PreparedMetric | Unmeasured {
  const first = at(rows.target, 0);
  if (rows.target.every((value) => value === first)) return unmeasured("the target is constant");
  let total = 0;
  for (const value of rows.target) total += value;
  // Centred on the whole set's mean, the two sums of the variance don't cancel each other's digits.
  const centre = total / rows.target.length;
  const deviation = perRow(rows, (y) => y - centre);
  const squared = deviation.map((value) => value * value);
  return sums(rows, [squaredError(rows), deviation, squared], (s, weight) => {
    const spread = at(s, 2) - (at(s, 1) * at(s, 1)) / weight;
    // A resample of equal targets leaves only rounding: no spread to explain.
    return spread <= 1e-12 * at(s, 2) ? null : finiteOrNull(1 - at(s, 0) / spread);
  });
}

function rmsle(rows: ScoredRows): PreparedMetric | Unmeasured {
  if (rows.target.some((value) => value < 0)) return unmeasured("a target is negative");
  const column = perRow(rows, (y, p) => (Math.log1p(y) - Math.log1p(Math.max(0, p))) ** 2);
  return sums(rows, [column], rootMean);
}

function mape(rows: ScoredRows): PreparedMetric | Unmeasured {
  if (rows.target.some((value) => value === 0)) return unmeasured("a target is 0");
  return sums(rows, [perRow(rows, (y, p) => Math.abs(y - p) / Math.abs(y))], mean);
}

/** Regression metrics by name; their definitions are in the metric registry. */
export const regressionMetrics = {
  rmse: (rows) => sums(rows, [squaredError(rows)], rootMean),
  mae: (rows) => sums(rows, [absoluteError(rows)], mean),
  r2,
  rmsle,
  mape,
  pinball: (rows) => sums(rows, [absoluteError(rows).map((value) => value / 2)], mean),
} satisfies Record<string, Prepare>;
