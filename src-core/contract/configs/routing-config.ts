import * as z from "zod";
import { type Stability, stabilitySchema } from "../routing/routing-plans.ts";
import { schemaVersion } from "../schema-parts.ts";

/** Schema of `configs/routing.yaml`; the keys are those of the YAML file. Every object is strict: an unknown key is an error. */

export const bothStrongSchema = z.enum(["ROUTE_BOTH", "PREFER_CS", "PREFER_SYMBOL"]);
export type BothStrong = z.output<typeof bothStrongSchema>;

/** Area under the ROC curve. */
const auc = z.number().min(0).max(1);
/** R² has no lower bound: a model may be arbitrarily worse than the mean. */
const r2 = z.number().max(1);
const share = z.number().min(0).max(1);

/** An optional object whose keys are optional too; missing keys keep their defaults. */
function section<Shape extends z.ZodRawShape>(shape: Shape, meaning: string) {
  const schema = z.strictObject(shape);
  // An object is never undefined, but the compiler can't tell for a generic shape.
  const defaults = () => schema.parse({}) as z.core.util.NoUndefined<z.output<typeof schema>>;
  return schema.default(defaults).describe(meaning);
}

interface Pair {
  readonly min: number;
  readonly strong: number;
}

function thresholds(score: z.ZodNumber, { min, strong }: Pair, meaning: string) {
  return section(
    {
      min_score: score.default(min).describe("Lowest score that is good enough"),
      strong_score: score.default(strong).describe("Lowest score that is strong; at least `min_score`"),
    },
    meaning,
  );
}

type Tiers = Readonly<Record<"default" | "short" | "medium" | "long" | "very_long", Pair>>;

function view(classification: Pair, regression: Tiers, meaning: string) {
  return section(
    {
      classification: thresholds(auc, classification, "Classification, by ROC AUC"),
      regression: section(
        {
          default: thresholds(r2, regression.default, "Targets without a horizon"),
          short: thresholds(r2, regression.short, "Horizons below 60 minutes"),
          medium: thresholds(r2, regression.medium, "Horizons from 60 to below 240 minutes"),
          long: thresholds(r2, regression.long, "Horizons from 240 to below 1440 minutes"),
          very_long: thresholds(r2, regression.very_long, "Horizons from 1440 minutes"),
        },
        "Regression, by R² and by the horizon of the target",
      ),
      min_score: auc.optional().describe("Short form of `classification.min_score`; set only one of the two"),
      strong_score: auc.optional().describe("Short form of `classification.strong_score`; set only one of the two"),
    },
    meaning,
  );
}

function stabilities(fallback: readonly Stability[], meaning: string) {
  return z
    .array(stabilitySchema)
    .default([...fallback])
    .describe(meaning);
}

export const routingConfigSchema = z.strictObject({
  version: schemaVersion,
  min_sample_size: section(
    {
      cross_sectional: z.int().min(0).default(5_000).describe("For the pooled view"),
      symbol: z.int().min(0).default(1_000).describe("For the view of a segment"),
    },
    "Fewest usable rows of a view that may be routed to",
  ),
  cross_sectional: view(
    { min: 0.52, strong: 0.58 },
    {
      default: { min: -0.5, strong: 0.05 },
      short: { min: 0, strong: 0.15 },
      medium: { min: -0.3, strong: 0.1 },
      long: { min: -1, strong: 0 },
      very_long: { min: -2, strong: -0.5 },
    },
    "Scores of the pooled (cross-sectional) view",
  ),
  symbol: view(
    { min: 0.54, strong: 0.6 },
    {
      default: { min: -0.3, strong: 0.1 },
      short: { min: 0.05, strong: 0.2 },
      medium: { min: -0.2, strong: 0.15 },
      long: { min: -0.8, strong: 0.05 },
      very_long: { min: -1.5, strong: -0.3 },
    },
    "Scores of a segment's view",
  ),
  use_ci_low: z
    .boolean()
    .default(false)
    .describe("Whether to use the lower bound of the score's interval instead of the score"),
  block_on_leakage: z
    .boolean()
    .default(true)
    .describe("Whether a view whose leakage is BLOCKED is excluded; `false` marks every artifact"),
  require_safe_features_only: z.boolean().default(true).describe("Whether a view whose leakage isn't SAFE is excluded"),
  accept_suspect: z
    .array(
      z.strictObject({
        target: z.string().min(1).describe("Target"),
        segment: z.string().optional().describe("Segment; the pooled view if it is left out"),
        reason: z.string().trim().min(1).describe("Why the score is right; shown wherever the route is"),
      }),
    )
    .default([])
    .describe(
      "Views whose leakage is SUSPECT and that count as SAFE, because you know why they are that good; marks every artifact",
    ),
  require_min_successful_families: z
    .int()
    .min(0)
    .default(1)
    .describe("Families of models that must have been fitted in cross-validation"),
  stability_allowlist: section(
    {
      cross_sectional: stabilities(["STABLE", "DRIFTING"], "For the pooled view"),
      symbol: stabilities(["STABLE"], "For the view of a segment"),
    },
    "Stabilities that pass; a list must contain every class above its lowest (DIVERGED < UNKNOWN < DRIFTING < STABLE)",
  ),
  both_strong_behavior: bothStrongSchema
    .default("ROUTE_BOTH")
    .describe("Route when both views are good enough: both, or the preferred one"),
  enable_experimental_lane: z
    .boolean()
    .default(true)
    .describe("Whether views below the thresholds may be trained as experiments, which are never promoted"),
  experimental: section(
    {
      classification: section(
        { min_score: auc.default(0.52).describe("Lowest ROC AUC of an experiment") },
        "Classification",
      ),
      regression: section({ min_score: r2.default(0).describe("Lowest R² of an experiment") }, "Regression"),
      allowed_stabilities: stabilities(
        ["STABLE", "DRIFTING", "UNKNOWN"],
        "Stabilities that an experiment may have; as in `stability_allowlist`, every class above the lowest must be listed",
      ),
      max_fraction_symbols_per_target: share
        .default(0.2)
        .describe("Share of a target's segments that may be experiments; those with the best scores are chosen"),
    },
    "The experimental lane",
  ),
  stability_classification: section(
    {
      stable_overlap_min: share.default(0.7).describe("Lowest mean overlap of the top features for STABLE"),
      drifting_overlap_min: share.default(0.5).describe("Lowest mean overlap for DRIFTING"),
      stable_tau_min: z.number().min(-1).max(1).default(0.6).describe("Lowest mean rank correlation for STABLE"),
      drifting_tau_min: z.number().min(-1).max(1).default(0.4).describe("Lowest mean rank correlation for DRIFTING"),
      max_std_overlap: share
        .default(0.2)
        .describe("Largest standard deviation of the overlap; above it, the view is DIVERGED"),
      max_std_tau: share
        .default(0.25)
        .describe("Largest standard deviation of the rank correlation; above it, the view is DIVERGED"),
      min_snapshots: z.int().min(2).default(2).describe("Fewest snapshots; with fewer, the stability is NOT_MEASURED"),
    },
    "How the stability of a view follows from its importance snapshots",
  ),
  dev_mode: z.boolean().default(false).describe("Development mode; `true` is stamped on every artifact"),
});
export type RoutingConfig = z.output<typeof routingConfigSchema>;
