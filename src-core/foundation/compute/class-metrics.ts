import { at, finiteOrNull, type PreparedMetric, type ScoredRows } from "./scored-rows.ts";

/** The least probability that the log loss counts with: a class that got none costs 34.5 nats. */
export const probabilityFloor = 1e-15;
const mean = (sums: Float64Array, weight: number) => finiteOrNull(at(sums, 0) / weight);

/** The most probable class of each row; the first of equal ones (binary: the positive class needs more than ½). */
export function predictedClasses(rows: ScoredRows): Int32Array {
  const { prediction, classCount } = rows;
  const n = rows.target.length;
  const classes = new Int32Array(n);
  for (let i = 0; i < n; i++) {
    if (rows.task === "binary") {
      classes[i] = at(prediction, i) > 0.5 ? 1 : 0;
      continue;
    }
    let best = 0;
    for (let k = 1; k < classCount; k++)
      if (at(prediction, i * classCount + k) > at(prediction, i * classCount + best)) best = k;
    classes[i] = best;
  }
  return classes;
}

/** The probability a row's model gave to class `k`: 0 if it doesn't know the class. */
export function probabilityOf(rows: ScoredRows, row: number, k: number): number {
  if (rows.task !== "binary") return at(rows.prediction, row * rows.classCount + k);
  if (k > 1) return 0;
  const positive = at(rows.prediction, row);
  return k === 1 ? positive : 1 - positive;
}

/** 1 for each row of a binary task's positive class, 0 for all others. */
export function positives({ target }: ScoredRows): Float64Array {
  return target.map((k) => (k === 1 ? 1 : 0));
}

function perRow(rows: ScoredRows, of: (row: number, target: number) => number): PreparedMetric {
  const n = rows.target.length;
  const column = new Float64Array(n);
  for (let i = 0; i < n; i++) column[i] = of(i, at(rows.target, i));
  return { kind: "sums", rows: n, columns: [column], finish: mean };
}

function logLoss(rows: ScoredRows): PreparedMetric {
  return perRow(rows, (row, target) => {
    const probability = probabilityOf(rows, row, target);
    return -Math.log(Math.min(1 - probabilityFloor, Math.max(probabilityFloor, probability)));
  });
}

function accuracy(rows: ScoredRows): PreparedMetric {
  const predicted = predictedClasses(rows);
  return perRow(rows, (row, target) => (predicted[row] === target ? 1 : 0));
}

/** Binary: half the sum over the classes, which is the positive class's squared error where the model knows the row's class. */
function brier(rows: ScoredRows): PreparedMetric {
  if (rows.task === "binary") {
    return perRow(rows, (row, target) => {
      const positive = at(rows.prediction, row);
      return target > 1 ? (1 + positive ** 2 + (1 - positive) ** 2) / 2 : (target - positive) ** 2;
    });
  }
  return perRow(rows, (row, target) => {
    let sum = 0;
    for (let k = 0; k < rows.classCount; k++) sum += ((k === target ? 1 : 0) - probabilityOf(rows, row, k)) ** 2;
    return sum;
  });
}

/**
 * F1 = 2·TP / (2·TP + FP + FN). Multi-class: mean over the classes that occur among targets or predictions. Binary
 * without any positive among them: undefined.
 */
function f1(rows: ScoredRows): PreparedMetric {
  const predicted = predictedClasses(rows);
  const { classCount, target } = rows;
  const evaluate = (weights: Uint32Array | null): number | null => {
    const hits = new Float64Array(classCount);
    const marks = new Float64Array(classCount);
    for (let i = 0; i < target.length; i++) {
      const weight = weights === null ? 1 : at(weights, i);
      const actual = at(target, i);
      const answer = at(predicted, i);
      if (actual === answer) hits[actual] = at(hits, actual) + weight;
      marks[actual] = at(marks, actual) + weight;
      marks[answer] = at(marks, answer) + weight;
    }
    let sum = 0;
    let classes = 0;
    const [first, end] = rows.task === "binary" ? [1, 2] : [0, classCount];
    for (let k = first; k < end; k++) {
      if (at(marks, k) === 0) continue;
      sum += (2 * at(hits, k)) / at(marks, k);
      classes += 1;
    }
    return classes === 0 ? null : sum / classes;
  };
  return { kind: "weighted", rows: target.length, evaluate };
}

const bins = 10;

/** Σ over bins of |Σp − Σy| / n: the gap of mean probability and share of positives, weighted by the bin's rows. */
function calibrationError(rows: ScoredRows): PreparedMetric {
  const { target, prediction } = rows;
  const isPositive = positives(rows);
  const binOf = Int32Array.from(prediction, (p) => Math.min(bins - 1, Math.floor(p * bins)));
  const gap = prediction.map((p, i) => p - at(isPositive, i));
  const evaluate = (weights: Uint32Array | null): number | null => {
    const gaps = new Float64Array(bins);
    let total = 0;
    for (let i = 0; i < target.length; i++) {
      const weight = weights === null ? 1 : at(weights, i);
      const bin = at(binOf, i);
      gaps[bin] = at(gaps, bin) + weight * at(gap, i);
      total += weight;
    }
    let sum = 0;
    for (const value of gaps) sum += Math.abs(value);
    return finiteOrNull(sum / total);
  };
  return { kind: "weighted", rows: target.length, evaluate };
}

/** Metrics of class predictions that don't rank rows; their definitions are in the metric registry. */
export const classMetrics = {
  log_loss: logLoss,
  accuracy,
  brier,
  f1,
  calibration_error: calibrationError,
} satisfies Record<string, (rows: ScoredRows) => PreparedMetric>;
