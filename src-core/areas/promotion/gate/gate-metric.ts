import type { Task } from "../../../contract/configs/project-config.ts";
import type { PromotionConfig } from "../../../contract/configs/promotion-config.ts";
import {
  type Direction,
  isMetricName,
  type MetricName,
  metricRegistry,
  metricsOf,
} from "../../../contract/evaluation/metrics.ts";

/** A metric as the gate names it: `<set>_<metric>` over a test's rows, or a plain figure without rows. */
export type GateMetric =
  | { readonly kind: "rows"; readonly set: string; readonly metric: MetricName; readonly direction: Direction }
  | { readonly kind: "figure"; readonly direction: Direction };

/** Figures of a run that no row carries, with the direction that the registry of row metrics can't give. */
const figureDirections: Readonly<Record<string, Direction>> = {
  latency_p50_ms: "lower",
  latency_p95_ms: "lower",
  fit_seconds: "lower",
  model_size_bytes: "lower",
};

/** The direction of a figure; null for any other name. */
export function directionOfFigure(name: string): Direction | null {
  return Object.hasOwn(figureDirections, name) ? (figureDirections[name] ?? null) : null;
}

/** What a name of the gate means for these tests ("reference" among them); null if it means nothing. */
export function gateMetric(name: string, testNames: readonly string[]): GateMetric | null {
  const figure = directionOfFigure(name);
  if (figure !== null) return { kind: "figure", direction: figure };
  for (const set of testNames) {
    const metric = name.startsWith(`${set}_`) ? name.slice(set.length + 1) : "";
    if (isMetricName(metric)) return { kind: "rows", set, metric, direction: metricRegistry[metric].direction };
  }
  return null;
}

/** The direction that a name's ending or the list of figures gives; null if neither knows it. */
export function directionOf(name: string): Direction | null {
  const figure = directionOfFigure(name);
  if (figure !== null) return figure;
  // A longer ending wins, so that `…_pr_auc` isn't taken for a metric named by its end.
  const endings = Object.keys(metricRegistry).filter((metric) => name.endsWith(`_${metric}`));
  const metric = endings.sort((a, b) => b.length - a.length)[0];
  return metric !== undefined && isMetricName(metric) ? metricRegistry[metric].direction : null;
}

/** Every name that a gate of this task may use. */
export function allowedGateMetrics(
  task: Task,
  it: { readonly testNames: readonly string[]; readonly hasGroup: boolean },
): readonly string[] {
  const ofTests = it.testNames.flatMap((set) => metricsOf(task, it).map((metric) => `${set}_${metric}`));
  return [...ofTests, ...Object.keys(figureDirections)];
}

/** Names in the order of the file, each once. */
export function metricNamesOf(config: PromotionConfig): readonly string[] {
  return [...new Set([config.primary.metric, ...config.gates.map((rule) => rule.metric)])];
}
