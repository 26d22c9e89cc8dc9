import type { Task } from "../../../contract/configs/project-config.ts";
import type { PromotionConfig } from "../../../contract/configs/promotion-config.ts";
import {
  type Direction,
  isMetricName,
  type MetricName,
  metricRegistry,
  metricsOf,
} from "../../../contract/evaluation/metrics.ts";

/** A metric of the gate: `<set>_<metric>` on the rows of a test, or a figure without rows. */
export type GateMetric =
  | { readonly kind: "rows"; readonly set: string; readonly metric: MetricName; readonly direction: Direction }
  | { readonly kind: "figure"; readonly direction: Direction };

/** Figures of a run that don't come from rows, with their directions, which aren't in the registry of metrics. */
const figureDirections: Readonly<Record<string, Direction>> = {
  latency_p50_ms: "lower",
  latency_p95_ms: "lower",
  fit_seconds: "lower",
  model_size_bytes: "lower",
};

/** Returns the direction of a figure; null for any other name. */
export function directionOfFigure(name: string): Direction | null {
  return Object.hasOwn(figureDirections, name) ? (figureDirections[name] ?? null) : null;
}

/** Interprets a name in the gate for these tests (including "reference"); null if it is unknown. */
export function gateMetric(name: string, testNames: readonly string[]): GateMetric | null {
  const figure = directionOfFigure(name);
  if (figure !== null) return { kind: "figure", direction: figure };
  for (const set of testNames) {
    const metric = name.startsWith(`${set}_`) ? name.slice(set.length + 1) : "";
    if (isMetricName(metric)) return { kind: "rows", set, metric, direction: metricRegistry[metric].direction };
  }
  return null;
}

/** Finds the direction by the end of a name or in the list of figures; null if neither has it. */
export function directionOf(name: string): Direction | null {
  const figure = directionOfFigure(name);
  if (figure !== null) return figure;
  // The longest ending wins, so `…_pr_auc` isn't mistaken for a metric with a shorter name.
  const endings = Object.keys(metricRegistry).filter((metric) => name.endsWith(`_${metric}`));
  const metric = endings.sort((a, b) => b.length - a.length)[0];
  return metric !== undefined && isMetricName(metric) ? metricRegistry[metric].direction : null;
}

/** Lists the names that a gate may use for this task. */
export function allowedGateMetrics(
  task: Task,
  it: { readonly testNames: readonly string[]; readonly hasGroup: boolean },
): readonly string[] {
  const ofTests = it.testNames.flatMap((set) => metricsOf(task, it).map((metric) => `${set}_${metric}`));
  return [...ofTests, ...Object.keys(figureDirections)];
}

/** Lists the names in the order of the file, without duplicates. */
export function metricNamesOf(config: PromotionConfig): readonly string[] {
  return [...new Set([config.primary.metric, ...config.gates.map((rule) => rule.metric)])];
}
