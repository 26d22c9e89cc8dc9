import type { Task } from "../configs/project-config.ts";

export type Direction = "higher" | "lower";

export interface MetricDefinition {
  readonly direction: Direction;
  /** "target": the unit of the target; "target²": its square; the others are dimensionless, except "ms". */
  readonly unit: "target" | "target²" | "share" | "score" | "nats" | "log" | "ms";
  readonly tasks: readonly Task[];
  /** The definition, in one line. */
  readonly definition: string;
  /** Rows are ranked within the groups of the split; without groups there is nothing to rank. */
  readonly needsGroup?: true;
}

const regression = ["regression"] as const;
const classes = ["binary", "multiclass"] as const;
const binary = ["binary"] as const;

/** The registry of metrics: name (without the prefix of a test) → direction, unit and definition. */
export const metricRegistry = {
  rmse: { direction: "lower", unit: "target", tasks: regression, definition: "square root of the mean squared error" },
  mae: { direction: "lower", unit: "target", tasks: regression, definition: "mean absolute error" },
  r2: {
    direction: "higher",
    unit: "score",
    tasks: regression,
    definition: "1 − Σ(y − ŷ)² / Σ(y − ȳ)²; undefined for a constant target",
  },
  rmsle: {
    direction: "lower",
    unit: "log",
    tasks: regression,
    definition: "RMSE of log(1 + max(0, ·)); not measured where a target is negative",
  },
  mape: {
    direction: "lower",
    unit: "share",
    tasks: regression,
    definition: "mean |y − ŷ| / |y|; not measured where a target is 0",
  },
  pinball: {
    direction: "lower",
    unit: "target",
    tasks: regression,
    definition: "mean pinball loss at quantile 0.5 (half the MAE)",
  },
  log_loss: {
    direction: "lower",
    unit: "nats",
    tasks: classes,
    definition: "mean −log p(true class), p clipped to [1e−15, 1 − 1e−15]",
  },
  roc_auc: {
    direction: "higher",
    unit: "score",
    tasks: classes,
    definition: "area under the ROC curve, ties ½; multi-class: one-vs-rest, mean over the classes that have rows",
  },
  pr_auc: {
    direction: "higher",
    unit: "score",
    tasks: classes,
    definition: "average precision; multi-class: one-vs-rest, mean over the classes that have rows",
  },
  f1: {
    direction: "higher",
    unit: "share",
    tasks: classes,
    definition: "F1 of the positive class; multi-class: mean over the classes among targets or predictions",
  },
  accuracy: {
    direction: "higher",
    unit: "share",
    tasks: classes,
    definition: "share of rows whose most probable class is the true one",
  },
  brier: {
    direction: "lower",
    unit: "score",
    tasks: classes,
    definition:
      "mean squared error of the probabilities (binary: of the positive class; multi-class: summed over classes)",
  },
  calibration_error: {
    direction: "lower",
    unit: "share",
    tasks: binary,
    definition: "expected calibration error, 10 equal-width bins of the positive class's probability",
  },
  ndcg: {
    direction: "higher",
    unit: "score",
    tasks: binary,
    needsGroup: true,
    definition:
      "normalised discounted cumulative gain, linear gain; the split's group ranked by probability, mean of groups with a positive row",
  },
  map: {
    direction: "higher",
    unit: "score",
    tasks: binary,
    needsGroup: true,
    definition: "average precision of the split's group ranked by probability, mean of groups with a positive row",
  },
  mrr: {
    direction: "higher",
    unit: "score",
    tasks: binary,
    needsGroup: true,
    definition:
      "1 / rank of the first positive row of the split's group ranked by probability, mean of groups with one",
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metricRegistry;

export function isMetricName(value: string): value is MetricName {
  return Object.hasOwn(metricRegistry, value);
}

/** Lists the metrics of a task, in registry order. Metrics that rank within groups are included only if the split has groups. */
export function metricsOf(task: Task, { hasGroup }: { readonly hasGroup: boolean }): readonly MetricName[] {
  return (Object.keys(metricRegistry) as MetricName[]).filter((name) => {
    const { tasks, needsGroup }: MetricDefinition = metricRegistry[name];
    return tasks.includes(task) && (hasGroup || needsGroup !== true);
  });
}
