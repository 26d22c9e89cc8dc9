import { type RoutingConfig, routingConfigSchema } from "../../../contract/configs/routing-config.ts";
import { type Stability, stabilitySchema } from "../../../contract/routing/routing-plans.ts";

type Views = "cross_sectional" | "symbol";
export type ViewName = Views;

/** The effective policy: every key has its value, and the short forms are in their long places. */
export type RoutingPolicy = Omit<RoutingConfig, Views> & {
  readonly [View in Views]: Omit<RoutingConfig[View], "min_score" | "strong_score">;
};

export type HorizonTier = keyof RoutingConfig["symbol"]["regression"];

const shortBelowMinutes = 60;
const mediumBelowMinutes = 240;
const longBelowMinutes = 1_440;

/** The tier of thresholds for a horizon; null: the target has none, and nothing is guessed. */
export function horizonTier(minutes: number | null): HorizonTier {
  if (minutes === null) return "default";
  if (minutes < shortBelowMinutes) return "short";
  if (minutes < mediumBelowMinutes) return "medium";
  return minutes < longBelowMinutes ? "long" : "very_long";
}

/** Lists are sets: two with the same classes are equal, in the order of the enumeration. */
function inOrder(list: readonly Stability[]): Stability[] {
  return stabilitySchema.options.filter((one) => list.includes(one));
}

/** The policy that a configuration file describes. */
export function effectivePolicy(config: RoutingConfig): RoutingPolicy {
  return {
    ...config,
    cross_sectional: withoutShortForms(config.cross_sectional),
    symbol: withoutShortForms(config.symbol),
    stability_allowlist: {
      cross_sectional: inOrder(config.stability_allowlist.cross_sectional),
      symbol: inOrder(config.stability_allowlist.symbol),
    },
    experimental: { ...config.experimental, allowed_stabilities: inOrder(config.experimental.allowed_stabilities) },
  };
}

function withoutShortForms({ min_score, strong_score, ...view }: RoutingConfig[Views]): RoutingPolicy[Views] {
  return {
    ...view,
    classification: {
      min_score: min_score ?? view.classification.min_score,
      strong_score: strong_score ?? view.classification.strong_score,
    },
  };
}

export function defaultPolicy(): RoutingPolicy {
  return effectivePolicy(routingConfigSchema.parse({ version: 1 }));
}

/** Relaxed rules that every artifact made under the policy is marked with. */
export function policyMarks(policy: RoutingPolicy): readonly string[] {
  return [...(policy.dev_mode ? ["dev_mode"] : []), ...(policy.block_on_leakage ? [] : ["block_on_leakage: false"])];
}
