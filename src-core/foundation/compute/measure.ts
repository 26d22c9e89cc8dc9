import type { Task } from "../../contract/configs/project-config.ts";
import { type MetricName, metricRegistry } from "../../contract/evaluation/metrics.ts";
import { classMetrics } from "./class-metrics.ts";
import type { Clusters } from "./clusters.ts";
import { rankMetrics } from "./rank-metrics.ts";
import { rankingMetrics } from "./ranking.ts";
import { regressionMetrics } from "./regression-metrics.ts";
import { type PreparedMetric, type ScoredRows, type Unmeasured, unmeasured } from "./scored-rows.ts";

type Prepare = (rows: ScoredRows, clusters: Clusters | null) => PreparedMetric | Unmeasured;

const table: Readonly<Record<MetricName, Prepare>> = {
  ...regressionMetrics,
  ...classMetrics,
  ...rankMetrics,
  ...rankingMetrics,
};

/** Prepares a metric on these rows for any weighting of them that takes clusters whole, or says why it can't be measured on them. */
export function prepareMetric(
  metric: MetricName,
  rows: ScoredRows,
  clusters: Clusters | null,
): PreparedMetric | Unmeasured {
  const tasks: readonly Task[] = metricRegistry[metric].tasks;
  if (!tasks.includes(rows.task)) return unmeasured(`${metric} is not defined for a ${rows.task} task`);
  const problem = rowProblem(rows);
  return problem === null ? table[metric](rows, clusters) : unmeasured(problem);
}

function rowProblem({ target, prediction, task, classCount, unseenClasses }: ScoredRows): string | null {
  if (target.length === 0) return "there are no rows";
  const width = task === "multiclass" ? classCount : 1;
  if (prediction.length !== target.length * width)
    return `${target.length} rows need ${target.length * width} predictions and there are ${prediction.length}`;
  const badTarget = target.findIndex((value) =>
    task === "regression" ? !Number.isFinite(value) : !Number.isInteger(value) || value < 0 || value >= classCount,
  );
  const unseen = unseenText(unseenClasses);
  if (badTarget >= 0 && unseen !== null) return unseen;
  if (badTarget >= 0) return `row ${badTarget + 1} has no valid target`;
  const badPrediction = prediction.findIndex((value) => !Number.isFinite(value));
  if (badPrediction >= 0) return `row ${Math.floor(badPrediction / width) + 1} has no prediction`;
  return null;
}

/** Names the classes that a test has and training never saw; null if there are none. */
export function unseenText(classes: Readonly<Record<string, number>> = {}): string | null {
  const named = Object.entries(classes).map(
    ([name, rows]) => `the class ${name} (${rows === 1 ? "1 row" : `${rows} rows`})`,
  );
  return named.length === 0 ? null : `training never saw ${named.join(", ")}`;
}

/** The metric with every row counted once. */
function pointValue(prepared: PreparedMetric): number | null {
  if (prepared.kind === "weighted") return prepared.evaluate(null);
  const sums = Float64Array.from(prepared.columns, fixedSum);
  return prepared.finish(sums, prepared.rows);
}

/** In order of the rows, four partial sums by row number modulo 4. */
function fixedSum(column: Float64Array): number {
  const partial = new Float64Array(4);
  for (let i = 0; i < column.length; i++) partial[i & 3] = (partial[i & 3] as number) + (column[i] as number);
  const [a = 0, b = 0, c = 0, d = 0] = partial;
  return a + b + (c + d);
}

export interface Figure {
  readonly value: number | null;
  /** Why there is no value. */
  readonly reason: string | null;
}

/** A metric's value on rows, or the reason why there is none. */
export function measure(metric: MetricName, rows: ScoredRows, clusters: Clusters | null = null): Figure {
  const prepared = prepareMetric(metric, rows, clusters);
  if (prepared.kind === "unmeasured") return { value: null, reason: prepared.reason };
  const value = pointValue(prepared);
  return { value, reason: value === null ? undefinedReason(metric) : null };
}

function undefinedReason(metric: MetricName): string {
  return metric === "f1"
    ? "no row is positive and none was predicted to be"
    : `${metric} has no finite value on these rows`;
}
