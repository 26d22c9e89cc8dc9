import type { PromotionConfig } from "../../../contract/configs/promotion-config.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import { canonicalJson } from "../../../foundation/text/canonical-json.ts";
import { directionOf, metricNamesOf } from "./gate-metric.ts";

/**
 * Computes the sha256 of everything that determines a decision for given evidence: metrics with their directions, bounds, test, α,
 * replicates, seed and rule. It is frozen before the candidate is scored. Comments and the order of keys in the file don't count.
 */
export function gateHashOf(config: PromotionConfig): string {
  // How MLflow's stages move doesn't affect the decision.
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
