import { quantileOf } from "../../../foundation/compute/intervals.ts";
import type { ReplicateValues } from "../../../foundation/compute/replicates.ts";

/**
 * A bound on the improvement of candidate over production (positive is better). It requires
 * improvement ≥ absolute + relative · |production|, or > if it is strict.
 */
export interface Bound {
  readonly absolute: number;
  readonly relative: number;
  /** True for a superiority goal: being equal isn't enough. */
  readonly isStrict: boolean;
}

export interface PairFigure {
  readonly candidate: number;
  readonly production: number;
}

/** Differences below this share of the figures count as rounding, so a bound missed by less is met (bounds are inclusive). */
const roundingShare = 1e-12;

/**
 * Computes how far an improvement clears a bound. It is cleared if this is ≥ 0 (or > 0 if strict); rounding counts as 0. For a production
 * value of 0, a relative bound is 0: it allows no regression, and requires some improvement.
 */
export function clearance(pair: PairFigure, sign: number, bound: Bound): number {
  const required = bound.absolute + bound.relative * Math.abs(pair.production);
  const distance = sign * (pair.candidate - pair.production) - required;
  const scale = Math.max(Math.abs(pair.candidate), Math.abs(pair.production), Math.abs(required));
  return Math.abs(distance) <= roundingShare * scale ? 0 : distance;
}

export function clears(distance: number, pair: PairFigure, bound: Bound): boolean {
  const isStrict = bound.isStrict || (bound.relative > 0 && pair.production === 0);
  return isStrict ? distance > 0 : distance >= 0;
}

export interface Comparison {
  readonly improvement: number;
  /** Bounds of the two-sided 1 − 2α percentile interval. Each is a one-sided bound at α. */
  readonly low: number;
  readonly high: number;
  /** (1 + #{resamples that don't clear the bound}) / (B + 1). */
  readonly p: number;
  /** True if the whole interval is on the bad side: (1 + #{resamples that clear}) / (B + 1) ≤ α. */
  readonly isWhollyBad: boolean;
  /** Standard deviation of the improvement over the resamples. */
  readonly standardError: number;
  /** True if neither the rows nor any resample show a difference. */
  readonly isTie: boolean;
}

export interface ComparisonRequest {
  readonly point: PairFigure;
  readonly sign: number;
  readonly bound: Bound;
  readonly alpha: number;
  /** Candidate and production in turn, one pair per resample; NaN if undefined on that resample. */
  readonly replicates: ReplicateValues;
}

/** A resample clears nothing if the metric is undefined on either side. */
export function compare({ point, sign, bound, alpha, replicates }: ComparisonRequest): Comparison {
  const count = replicates.length / 2;
  const improvements = new Float64Array(count);
  let cleared = 0;
  let failed = 0;
  let isTie = point.candidate === point.production;
  for (let r = 0; r < count; r++) {
    const pair = { candidate: replicates[2 * r] as number, production: replicates[2 * r + 1] as number };
    const improvement = sign * (pair.candidate - pair.production);
    improvements[r] = improvement;
    if (Number.isNaN(improvement)) continue;
    if (improvement !== 0) isTie = false;
    if (clears(clearance(pair, sign, bound), pair, bound)) cleared += 1;
    else failed += 1;
  }
  const defined = improvements.filter((value) => !Number.isNaN(value)).sort();
  const undefinedCount = count - defined.length;
  return {
    improvement: sign * (point.candidate - point.production),
    low: defined.length === 0 ? Number.NEGATIVE_INFINITY : quantileOf(defined, alpha),
    high: defined.length === 0 ? Number.POSITIVE_INFINITY : quantileOf(defined, 1 - alpha),
    p: (1 + failed + undefinedCount) / (count + 1),
    isWhollyBad: (1 + cleared + undefinedCount) / (count + 1) <= alpha,
    standardError: standardDeviation(defined),
    isTie,
  };
}

function standardDeviation(values: Float64Array): number {
  if (values.length < 2) return 0;
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}
