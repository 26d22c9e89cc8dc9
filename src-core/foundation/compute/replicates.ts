import type { MetricName } from "../../contract/evaluation/metrics.ts";
import type { Clusters } from "./clusters.ts";
import { prepareMetric } from "./measure.ts";
import { drawCounts, drawSums, type ResampleSource } from "./resample.ts";
import { at, type PreparedMetric, type ScoredRows } from "./scored-rows.ts";

/** What a bootstrap computes: each metric on each side (one model, or two on the same rows), resample by resample. */
export interface ReplicateJob {
  readonly sides: readonly ScoredRows[];
  readonly metrics: readonly MetricName[];
  /** Null: every row by itself. Else clusters are drawn with replacement, each with all of its rows. */
  readonly clusters: Clusters | null;
  readonly seed: number;
  readonly replicates: number;
}

/**
 * The job's figures: `values[(replicate · metrics + metric) · sides + side]`. NaN stands for "undefined on this
 * resample" inside this array only.
 */
export type ReplicateValues = Float64Array;

interface Resampled {
  readonly source: ResampleSource;
  readonly fill: (replicate: number, out: Float64Array, offset: number) => void;
}

/** A job prepared to compute any block of its replicates; the figures don't depend on the block. */
export function prepareJob(job: ReplicateJob): (from: number, to: number) => ReplicateValues {
  const width = job.metrics.length * job.sides.length;
  const rows = job.sides[0]?.target.length ?? 0;
  const source: ResampleSource = { units: job.clusters?.count ?? rows, seed: job.seed };
  const prepared = job.metrics.flatMap((metric) => job.sides.map((side) => prepareMetric(metric, side, job.clusters)));
  const parts = [sumsPart(prepared, job, source), weightedPart(prepared, job, source)];
  return (from, to) => {
    const out = new Float64Array((to - from) * width).fill(Number.NaN);
    for (let replicate = from; replicate < to; replicate++)
      for (const part of parts) part?.fill(replicate, out, (replicate - from) * width);
    return out;
  };
}

type Prepared = readonly (PreparedMetric | { readonly kind: "unmeasured" })[];

/** Metrics of sums: the columns (per cluster: their sums and sizes) are resampled, never the rows themselves. */
function sumsPart(prepared: Prepared, job: ReplicateJob, source: ResampleSource): Resampled | null {
  const { clusters } = job;
  const metrics = prepared.flatMap((metric, slot) => (metric.kind === "sums" ? [{ metric, slot }] : []));
  if (metrics.length === 0) return null;
  const perUnit = (column: Float64Array) => (clusters === null ? column : clusterSums(column, clusters));
  const columns = metrics.flatMap(({ metric }) => metric.columns.map(perUnit));
  const sizes = clusters === null ? [] : [clusterSums(new Float64Array(clusters.of.length).fill(1), clusters)];
  return {
    source,
    fill: (replicate, out, offset) => {
      const sums = drawSums(source, replicate, [...columns, ...sizes]);
      const weight = clusters === null ? source.units : at(sums, columns.length);
      let first = 0;
      for (const { metric, slot } of metrics) {
        const own = sums.subarray(first, first + metric.columns.length);
        out[offset + slot] = metric.finish(own, weight) ?? Number.NaN;
        first += metric.columns.length;
      }
    },
  };
}

function weightedPart(prepared: Prepared, job: ReplicateJob, source: ResampleSource): Resampled | null {
  const { clusters } = job;
  const metrics = prepared.flatMap((metric, slot) => (metric.kind === "weighted" ? [{ metric, slot }] : []));
  if (metrics.length === 0) return null;
  const counts = new Uint32Array(source.units);
  const weights = clusters === null ? counts : new Uint32Array(clusters.of.length);
  return {
    source,
    fill: (replicate, out, offset) => {
      drawCounts(source, replicate, counts);
      if (clusters !== null)
        for (let row = 0; row < weights.length; row++) weights[row] = at(counts, at(clusters.of, row));
      for (const { metric, slot } of metrics) out[offset + slot] = metric.evaluate(weights) ?? Number.NaN;
    },
  };
}

/** Sums of a column within each cluster, rows in their order. */
export function clusterSums(column: Float64Array, clusters: Clusters): Float64Array {
  const sums = new Float64Array(clusters.count);
  for (let row = 0; row < column.length; row++) {
    const cluster = at(clusters.of, row);
    sums[cluster] = at(sums, cluster) + at(column, row);
  }
  return sums;
}

/** Draws in a job times the cost of each: decides whether starting threads is worth it. */
export function workOf(job: ReplicateJob): number {
  const rows = job.sides[0]?.target.length ?? 0;
  return (job.clusters?.count ?? rows) * job.replicates * Math.max(1, job.metrics.length * job.sides.length);
}
