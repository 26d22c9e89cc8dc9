import type { MetricName } from "../../contract/evaluation/metrics.ts";
import type { Measured } from "../../contract/runs/stage-results.ts";
import type { Clusters } from "./clusters.ts";
import { measure } from "./measure.ts";
import type { ComputePool } from "./pool.ts";
import { clopperPearsonInterval } from "./proportions.ts";
import type { ScoredRows } from "./scored-rows.ts";

/** Share of resamples on which a metric may be undefined before its interval is withheld. */
const maxUndefinedShare = 0.05;

/**
 * Quantile of sorted values at position q·(B + 1), between two of them linearly (Hyndman and Fan's type 6): with B = 999
 * the 2.5 % quantile is exactly the 25th value.
 */
export function quantileOf(sorted: Float64Array, q: number): number {
  const position = Math.min(sorted.length, Math.max(1, q * (sorted.length + 1)));
  const below = Math.floor(position + 1e-9);
  const low = sorted[below - 1] as number;
  const high = sorted[Math.min(sorted.length, below + 1) - 1] as number;
  const share = Math.max(0, position - below);
  return share < 1e-9 ? low : low + share * (high - low);
}

/** Defined values, sorted. */
function sortedDefined(values: Float64Array): Float64Array {
  return values.filter((value) => !Number.isNaN(value)).sort();
}

export interface IntervalRequest {
  readonly rows: ScoredRows;
  readonly metrics: readonly MetricName[];
  readonly clusters?: (Clusters & { readonly by: readonly string[] }) | null;
  /** 999 by default. */
  readonly replicates?: number;
  readonly seed: number;
  /** 0.95 by default. */
  readonly confidence?: number;
  readonly signal?: AbortSignal;
}

/**
 * Each metric with a percentile bootstrap interval, by row or by whole clusters. Resamples that all agree have no width and
 * prove nothing: then an accuracy of 0 or 1 over single rows gets Clopper and Pearson's interval, anything else none.
 */
export async function measureWithIntervals(
  request: IntervalRequest,
  pool: Pick<ComputePool, "replicates">,
): Promise<Readonly<Record<string, Measured>>> {
  const { rows, metrics, seed, clusters = null, replicates = 999, confidence = 0.95 } = request;
  const figures = metrics.map((metric) => measure(metric, rows, clusters));
  const measurable = metrics.filter((_, index) => figures[index]?.value !== null);
  const units = clusters?.count ?? rows.target.length;
  const job = { sides: [rows], metrics: measurable, clusters, seed, replicates };
  const values = measurable.length === 0 ? new Float64Array() : await pool.replicates(job, request.signal);
  const method = methodOf(replicates, clusters?.by);
  const measured = metrics.map((metric, index): [string, Measured] => {
    const figure = figures[index] ?? { value: null, reason: null, note: null };
    const base = { value: figure.value, n: rows.target.length };
    const none = { ...base, low: null, high: null, method: null, confidence: null };
    const withheld = (why: string) => ({ ...none, note: figure.note, whyNoInterval: why });
    if (figure.value === null) return [metric, { ...none, note: figure.reason, whyNoInterval: null }];
    if (units < 2) return [metric, withheld(`all of it is one ${clusters?.by.join(", ") ?? "row"}`)];
    const column = measurable.indexOf(metric);
    const defined = sortedDefined(
      Float64Array.from({ length: replicates }, (_, r) => values[r * measurable.length + column] as number),
    );
    const undefinedCount = replicates - defined.length;
    if (undefinedCount > maxUndefinedShare * replicates)
      return [metric, withheld(`undefined on ${undefinedCount} of ${replicates} resamples`)];
    const low = quantileOf(defined, (1 - confidence) / 2);
    const high = quantileOf(defined, (1 + confidence) / 2);
    if (low === high) {
      const exact = metric === "accuracy" && clusters === null ? exactInterval(figure.value, units, confidence) : null;
      return [metric, exact === null ? withheld("the same on every resample") : { ...exact, note: figure.note }];
    }
    const left = undefinedCount > 0 ? `${undefinedCount} resamples on which it is undefined left out` : null;
    const notes = [figure.note, left].filter((note) => note !== null);
    const note = notes.length === 0 ? null : notes.join("; ");
    return [metric, { ...base, low, high, method, confidence, note, whyNoInterval: null }];
  });
  return Object.fromEntries(measured);
}

/** Of a share of `n` independent rows that is 0 or 1; null for any other share, where resamples differ. */
function exactInterval(value: number, n: number, confidence: number): Measured | null {
  if (value !== 0 && value !== 1) return null;
  const { low, high } = clopperPearsonInterval(value * n, n, confidence);
  return { value, n, low, high, method: "Clopper–Pearson", confidence, note: null, whyNoInterval: null };
}

function methodOf(replicates: number, by: readonly string[] | undefined): string {
  const counted = `percentile bootstrap, ${replicates.toLocaleString("en")} replicates`;
  return by === undefined ? counted : `${counted}, clustered by ${by.join(", ")}`;
}
