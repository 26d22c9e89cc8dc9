import fc from "fast-check";
import { effectivePolicy, type HorizonTier, type RoutingPolicy } from "../../src-core/areas/routing/policy/policy.ts";
import { completedStabilities } from "../../src-core/areas/routing/policy/policy-rules.ts";
import { routingConfigSchema } from "../../src-core/contract/configs/routing-config.ts";
import {
  type Candidate,
  leakageSchema,
  modelStatusSchema,
  type StabilityMetrics,
  stabilitySchema,
} from "../../src-core/contract/routing/routing-plans.ts";
import { generatedCases } from "./amounts.ts";

/** A candidate that the default policy finds STRONG in both views; a test changes the relevant keys. */
export function candidate(changes: Partial<Candidate> = {}): Candidate {
  const symbol = changes.symbol ?? null;
  return {
    target: "late",
    symbol,
    mode: symbol === null ? "CROSS_SECTIONAL" : "SYMBOL_SPECIFIC",
    score: 0.7,
    score_ci_low: 0.65,
    score_ci_high: 0.75,
    metric_name: "roc_auc",
    task_type: "classification",
    stability: "STABLE",
    stability_metrics: null,
    sample_size: 10_000,
    effective_sample_size: 2_000,
    leakage_status: "SAFE",
    feature_set_id: "f00d",
    successful_model_families: 2,
    failed_model_families: 0,
    model_status: "OK",
    timestamp: "2013-04-01T00:00:00Z",
    git_commit: null,
    evidence_digest: "beef",
    ...changes,
  };
}

/** The default policy with the keys of a `configs/routing.yaml`. */
export function policy(config: Readonly<Record<string, unknown>> = {}): RoutingPolicy {
  return effectivePolicy(routingConfigSchema.parse({ version: 1, ...config }));
}

/** Printed and repeatable: SIGNALBOX_TEST_SEED. */
export function propertyRuns(numRuns: number): fc.Parameters<unknown> {
  const seed = Number(process.env.SIGNALBOX_TEST_SEED ?? Date.now() % 2 ** 31);
  console.info(`SIGNALBOX_TEST_SEED=${seed}`);
  return { seed, numRuns: generatedCases(numRuns) };
}

export const metricsArbitrary: fc.Arbitrary<StabilityMetrics> = fc.record({
  snapshots: fc.integer({ min: 0, max: 5 }),
  mean_overlap: fc.option(fc.double({ min: 0, max: 1, noNaN: true }).map(plain)),
  std_overlap: fc.option(fc.double({ min: 0, max: 0.5, noNaN: true }).map(plain)),
  mean_tau: fc.option(fc.double({ min: -1, max: 1, noNaN: true }).map(plain)),
  std_tau: fc.option(fc.double({ min: 0, max: 1, noNaN: true }).map(plain)),
});

/** −0 is written as 0. */
function plain(value: number): number {
  return value + 0;
}

/** Coarse, so that scores are often equal to thresholds and to each other. */
const scoreArbitrary = fc.integer({ min: 0, max: 20 }).map((twentieths) => twentieths / 20);

type View = Omit<Candidate, "target" | "symbol" | "mode" | "metric_name" | "task_type">;

const viewArbitrary: fc.Arbitrary<View> = fc.record({
  score: fc.option(scoreArbitrary, { freq: 8 }),
  score_ci_low: fc.option(scoreArbitrary, { freq: 8 }),
  score_ci_high: fc.option(scoreArbitrary),
  stability: fc.constantFrom(...stabilitySchema.options),
  stability_metrics: fc.option(metricsArbitrary, { freq: 1 }),
  sample_size: fc.option(fc.constantFrom(0, 999, 1_000, 4_999, 5_000, 9_000), { freq: 8 }),
  effective_sample_size: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }).map(plain)),
  leakage_status: fc.constantFrom(...leakageSchema.options, "SAFE", "SAFE", "SAFE"),
  feature_set_id: fc.option(fc.string({ minLength: 1 })),
  successful_model_families: fc.option(fc.integer({ min: 0, max: 3 }), { freq: 8 }),
  failed_model_families: fc.option(fc.integer({ min: 0, max: 3 })),
  model_status: fc.constantFrom(...modelStatusSchema.options, "OK", "OK", "OK"),
  timestamp: fc.option(fc.constant("2013-04-01T00:00:00Z")),
  git_commit: fc.option(fc.constant("c0ffee")),
  evidence_digest: fc.option(fc.constant("beef")),
});

/** A table with each target and segment at most once, some views unmeasured. */
export function tableArbitrary(
  names: fc.Arbitrary<string> = fc.constantFrom("a", "b", "c", "ü", "\u{1F6EB}", "\uFFFD", "UA", "ua"),
): fc.Arbitrary<readonly Candidate[]> {
  const row = fc.tuple(fc.constantFrom("late", "delay"), fc.option(names, { freq: 4 }), viewArbitrary);
  return fc
    .uniqueArray(row, { maxLength: 14, selector: ([target, symbol]) => JSON.stringify([target, symbol]) })
    .map((rows) =>
      rows.map(([target, symbol, view]) => ({
        target,
        symbol,
        mode: symbol === null ? "CROSS_SECTIONAL" : "SYMBOL_SPECIFIC",
        metric_name: target === "late" ? "roc_auc" : "r2",
        task_type: target === "late" ? "classification" : "regression",
        ...view,
      })),
    );
}

export const tierArbitrary: fc.Arbitrary<HorizonTier> = fc.constantFrom(
  "default",
  "short",
  "medium",
  "long",
  "very_long",
);

const pairArbitrary = fc
  .tuple(scoreArbitrary, scoreArbitrary)
  .map(([a, b]) => ({ min_score: Math.min(a, b), strong_score: Math.max(a, b) }));
const listArbitrary = fc.subarray([...stabilitySchema.options]).map(completedStabilities);

/** Any consistent policy. */
export const policyArbitrary: fc.Arbitrary<RoutingPolicy> = fc
  .record({
    min_sample_size: fc.record({ cross_sectional: fc.constantFrom(0, 5_000), symbol: fc.constantFrom(0, 1_000) }),
    cross_sectional: fc.record({
      classification: pairArbitrary,
      regression: fc.record({ default: pairArbitrary, short: pairArbitrary }),
    }),
    symbol: fc.record({
      classification: pairArbitrary,
      regression: fc.record({ default: pairArbitrary, short: pairArbitrary }),
    }),
    use_ci_low: fc.boolean(),
    block_on_leakage: fc.boolean(),
    require_safe_features_only: fc.boolean(),
    require_min_successful_families: fc.integer({ min: 0, max: 2 }),
    stability_allowlist: fc.record({ cross_sectional: listArbitrary, symbol: listArbitrary }),
    both_strong_behavior: fc.constantFrom("ROUTE_BOTH", "PREFER_CS", "PREFER_SYMBOL"),
    enable_experimental_lane: fc.boolean(),
    experimental: fc.record({
      classification: fc.record({ min_score: scoreArbitrary }),
      regression: fc.record({ min_score: scoreArbitrary }),
      allowed_stabilities: listArbitrary,
      max_fraction_symbols_per_target: fc.constantFrom(0, 0.2, 0.5, 1),
    }),
  })
  .map((config) => policy(config));
