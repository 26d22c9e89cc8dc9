import type { EvaluateResult } from "../../../contract/runs/stage-results.ts";
import type { TestMetric } from "../../../contract/runs.ts";

/** The metrics of a test, each with its full name. */
export function testMetrics({ name: test, metrics }: EvaluateResult["sets"][number]): readonly TestMetric[] {
  return Object.entries(metrics).map(([name, { value, low, high, n, method, note, whyNoInterval }]) => ({
    metric: `${test}_${name}`,
    ...{ test, name, value, low, high, n, method, note, whyNoInterval },
  }));
}
