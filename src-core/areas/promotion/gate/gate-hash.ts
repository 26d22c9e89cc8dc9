import type { PromotionConfig } from "../../../contract/configs/promotion-config.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import { canonicalJson } from "../../../foundation/text/canonical-json.ts";
import { directionOf, metricNamesOf } from "./gate-metric.ts";

/**
 * sha256 over everything that fixes a decision once the evidence is given: metrics with their directions, bounds, test,
 * α, replicates, seed and rule. Frozen before the candidate is scored. Comments and key order of the file don't count.
 */
export function gateHashOf(config: PromotionConfig): string {
  // Where an alias is moved to doesn't decide whether it is.
  const { use_stages: _, ...deciding } = config;
  const directions = Object.fromEntries(metricNamesOf(config).map((name) => [name, directionOf(name)]));
  const method = {
    interval: "percentile bootstrap of paired differences",
    p: "(1 + resamples that do not clear the bound) / (1 + resamples)",
    accuracy: "exact McNemar where rows are not clustered",
    guardrails: "Holm",
    random: "Philox4x32-7",
  };
  return sha256(canonicalJson({ format: "signalbox.gate/1", config: deciding, directions, method }));
}
