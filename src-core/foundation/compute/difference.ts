import type { Clusters } from "./clusters.ts";
import { normalQuantile } from "./normal.ts";
import { clusterSums } from "./replicates.ts";
import { at } from "./scored-rows.ts";

export interface MeanDifference {
  readonly mean: number;
  /** Null with a single unit: one value has no spread. */
  readonly standardError: number | null;
  /** Rows, or clusters where clustered. */
  readonly units: number;
}

/**
 * Mean of paired differences with its standard error; clustered: of the ratio Σ difference / Σ rows over clusters
 * (linearised, C / (C − 1) corrected).
 */
export function meanDifference(differences: Float64Array, clusters: Clusters | null = null): MeanDifference {
  const n = differences.length;
  if (n === 0) throw new RangeError("No pairs to compare.");
  let total = 0;
  for (const value of differences) total += value;
  const mean = total / n;
  const residuals = differences.map((value) => value - mean);
  const perUnit = clusters === null ? residuals : clusterSums(residuals, clusters);
  const units = perUnit.length;
  if (units < 2) return { mean, standardError: null, units };
  let squares = 0;
  for (let i = 0; i < units; i++) squares += at(perUnit, i) ** 2;
  return { mean, standardError: Math.sqrt((squares * units) / (units - 1)) / n, units };
}

export interface PowerQuestion {
  readonly standardError: number;
  /** One-sided level of the test. */
  readonly alpha: number;
  /** 0.8 by default. */
  readonly power?: number;
}

/** The smallest true difference that a one-sided test at `alpha` finds with this power: (z₁₋α + z_power) · SE. */
export function minimumDetectable({ standardError, alpha, power = 0.8 }: PowerQuestion): number {
  return (normalQuantile(1 - alpha) + normalQuantile(power)) * standardError;
}

/**
 * Further units needed to find a difference as large as the observed one (`effect`, beyond its bound) with this power, as
 * the standard error falls with the root of the units. Null if the effect isn't above 0: no number would be enough.
 */
export function extraUnits(
  question: PowerQuestion & { readonly effect: number; readonly units: number },
): number | null {
  if (!(question.effect > 0)) return null;
  const needed = question.units * (minimumDetectable(question) / question.effect) ** 2;
  return Number.isFinite(needed) ? Math.max(0, Math.ceil(needed - question.units)) : null;
}
