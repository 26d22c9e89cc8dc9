import type { PromotionConfig } from "../../../contract/configs/promotion-config.ts";
import type { SplitSchema } from "../../../contract/configs/split-schema.ts";
import { metricRegistry } from "../../../contract/evaluation/metrics.ts";
import { metricNamesOf } from "./gate-metric.ts";

/**
 * Lists the names of the optional tests that a gate may use, before the split is made. The values of a slice are in the data, so the names of
 * its tests are taken from the gate (`<slice>__<value>_<metric>`).
 */
export function gateTestNames(split: SplitSchema, gate: PromotionConfig): readonly string[] {
  const names = split.optional_tests.flatMap((test) => {
    if ("filter" in test) return [test.name];
    if ("slice" in test) return slicesNamed(test.name, gate);
    const { durations } = test.moving_period;
    return durations.length === 1 ? [test.name] : durations.map((duration) => `${test.name}_${duration}`);
  });
  return [...new Set(names)];
}

function slicesNamed(slice: string, gate: PromotionConfig): readonly string[] {
  return metricNamesOf(gate).flatMap((name) => {
    const metric = Object.keys(metricRegistry).find((it) => name.endsWith(`_${it}`));
    if (metric === undefined || !name.startsWith(`${slice}__`)) return [];
    return [name.slice(0, -metric.length - 1)];
  });
}
