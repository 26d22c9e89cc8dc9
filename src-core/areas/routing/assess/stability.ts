import type { Stability, StabilityMetrics } from "../../../contract/routing/routing-plans.ts";
import { sortedTexts } from "../../../foundation/text/code-points.ts";
import type { RoutingPolicy } from "../policy/policy.ts";
import { kendallTauB } from "./rank-correlation.ts";

/** The importance of each feature at one moment: another seed, fold or period. */
export interface ImportanceSnapshot {
  /** Digest of dataset, split, target, features and parameters: only snapshots with equal digests are compared. */
  readonly signature: string;
  readonly importances: Readonly<Record<string, number>>;
}

const topFeatures = 20;
/** With fewer features than this, a rank correlation means nothing. */
const leastCommonFeatures = 3;

/** How alike the rankings of features are from snapshot to snapshot (in time order); those with older signatures are excluded. */
export function stabilityOf(
  snapshots: readonly ImportanceSnapshot[],
  policy: Pick<RoutingPolicy, "stability_classification">,
): { readonly stability: Stability; readonly metrics: StabilityMetrics } {
  const newest = snapshots.at(-1)?.signature;
  const metrics = metricsOf(snapshots.filter(({ signature }) => signature === newest));
  return { stability: stabilityOfMetrics(metrics, policy), metrics };
}

/** The class of measured figures. The order of the checks is part of the definition. */
export function stabilityOfMetrics(
  metrics: StabilityMetrics,
  { stability_classification: rules }: Pick<RoutingPolicy, "stability_classification">,
): Stability {
  const { snapshots, mean_overlap, std_overlap, mean_tau, std_tau } = metrics;
  if (snapshots < rules.min_snapshots) return "NOT_MEASURED";
  if ((std_overlap ?? 0) > rules.max_std_overlap || (std_tau ?? 0) > rules.max_std_tau) return "DIVERGED";
  if (mean_overlap === null || mean_tau === null) return "UNKNOWN";
  if (mean_overlap >= rules.stable_overlap_min && mean_tau >= rules.stable_tau_min) return "STABLE";
  return mean_overlap >= rules.drifting_overlap_min && mean_tau >= rules.drifting_tau_min ? "DRIFTING" : "UNKNOWN";
}

function metricsOf(snapshots: readonly ImportanceSnapshot[]): StabilityMetrics {
  const pairs = snapshots.slice(1).map((later, at) => [snapshots[at]?.importances ?? {}, later.importances] as const);
  const overlaps = pairs.map(([a, b]) => overlapOf(a, b));
  const taus = pairs.map(([a, b]) => tauOf(a, b)).filter((tau) => tau !== null);
  const [overlap, tau] = [spreadOf(overlaps), spreadOf(taus)];
  return {
    snapshots: snapshots.length,
    mean_overlap: overlap.mean,
    std_overlap: overlap.deviation,
    mean_tau: tau.mean,
    std_tau: tau.deviation,
  };
}

type Importances = ImportanceSnapshot["importances"];

/** Jaccard overlap of the top features; two rankings without any important feature agree. */
function overlapOf(a: Importances, b: Importances): number {
  const [one, other] = [top(a), top(b)];
  const all = new Set([...one, ...other]);
  if (all.size === 0) return 1;
  return [...one].filter((feature) => other.has(feature)).length / all.size;
}

/** The features of the largest importance above 0; equal ones by name. */
function top(importances: Importances): ReadonlySet<string> {
  const byName = sortedTexts(Object.keys(importances));
  const important = byName
    .map((feature) => ({ feature, importance: importances[feature] ?? 0 }))
    .filter(({ importance }) => importance > 0)
    // A stable sort: equal ones stay in the order of their names.
    .sort((x, y) => y.importance - x.importance);
  return new Set(important.slice(0, topFeatures).map(({ feature }) => feature));
}

function tauOf(a: Importances, b: Importances): number | null {
  const common = Object.keys(a).filter((feature) => Object.hasOwn(b, feature));
  if (common.length < leastCommonFeatures) return null;
  return kendallTauB(
    common.map((feature) => a[feature] ?? 0),
    common.map((feature) => b[feature] ?? 0),
  );
}

/** Mean and population deviation; null for an empty list. */
function spreadOf(values: readonly number[]): { readonly mean: number | null; readonly deviation: number | null } {
  if (values.length === 0) return { mean: null, deviation: null };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(square) };
}
