import { type RoutingConfig, routingConfigSchema } from "../../../contract/configs/routing-config.ts";
import { type Candidate, type Stability, stabilitySchema } from "../../../contract/routing/routing-plans.ts";
import { viewName } from "../../../contract/routing/view-name.ts";

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
  return [
    ...(policy.dev_mode ? ["dev_mode"] : []),
    ...(policy.block_on_leakage ? [] : ["block_on_leakage: false"]),
    ...policy.accept_suspect.map((one) => `accept_suspect: ${acceptanceText(one)}`),
  ];
}

export type Acceptance = RoutingPolicy["accept_suspect"][number];

/** "late/UA (reason)" */
function acceptanceText({ target, segment, reason }: Acceptance): string {
  return `${target}/${viewName(segment ?? null)} (${reason})`;
}

/** The acceptances that no view of the table needs: a name may be wrong, or its leakage isn't SUSPECT. */
export function idleAcceptances(candidates: readonly Candidate[], policy: RoutingPolicy): readonly string[] {
  const used = new Set(candidates.map((one) => acceptanceOf(one, policy)));
  return policy.accept_suspect.filter((one) => !used.has(one)).map(acceptanceText);
}

/** The acceptance of a view whose leakage is SUSPECT. Nothing accepts a BLOCKED one, or one that wasn't measured. */
export function acceptanceOf(
  { target, symbol, leakage_status }: Pick<Candidate, "target" | "symbol" | "leakage_status">,
  { accept_suspect }: RoutingPolicy,
): Acceptance | undefined {
  if (leakage_status !== "SUSPECT") return undefined;
  return accept_suspect.find((one) => one.target === target && (one.segment ?? null) === symbol);
}
