import { positives } from "./class-metrics.ts";
import type { Clusters } from "./clusters.ts";
import { at, finiteOrNull, type PreparedMetric, type ScoredRows, type Unmeasured, unmeasured } from "./scored-rows.ts";

/** Items that a model ordered for queries (requests, sessions): one entry per item. */
export interface RankedItems {
  /** The query of each item, 0 … queryCount − 1. */
  readonly query: Int32Array;
  readonly queryCount: number;
  /** Gain of each item, ≥ 0; above 0 is relevant. */
  readonly relevance: Float64Array;
  readonly score: Float64Array;
}

export type RankingMetric = "ndcg" | "map" | "mrr";

/**
 * One figure per query, null for a query without a relevant item; the metric is their mean. Equal scores are ordered by
 * the item's position, later first (trec_eval orders ties by falling id: pass items in rising order of id).
 */
export function rankingPerQuery(
  metric: RankingMetric,
  items: RankedItems,
  depth = Number.POSITIVE_INFINITY,
): readonly (number | null)[] {
  const byQuery: number[][] = Array.from({ length: items.queryCount }, () => []);
  for (let i = 0; i < items.query.length; i++) byQuery[at(items.query, i)]?.push(i);
  const measure = { ndcg: normalisedGain, map: averagePrecision, mrr: reciprocalRank }[metric];
  return byQuery.map((members) => {
    const ordered = members.sort((a, b) => at(items.score, b) - at(items.score, a) || b - a);
    const gains = ordered.map((i) => at(items.relevance, i));
    return gains.some((gain) => gain > 0) ? measure(gains, depth) : null;
  });
}

/**
 * Binary rows ranked by the positive class's probability within their cluster, which is resampled whole: the mean over the
 * clusters that have a positive row.
 */
function prepareRanking(metric: RankingMetric) {
  return (rows: ScoredRows, clusters: Clusters | null): PreparedMetric | Unmeasured => {
    const { target, prediction } = rows;
    if (clusters === null) return unmeasured("ranking needs the split's group");
    const items = { query: clusters.of, queryCount: clusters.count, relevance: positives(rows), score: prediction };
    const figures = rankingPerQuery(metric, items);
    if (figures.every((figure) => figure === null)) return unmeasured("no group has a positive row");
    // A group's figure is at its first row, so drawing the whole group draws it once.
    const values = new Float64Array(target.length);
    const counted = new Float64Array(target.length);
    const isSeen = new Uint8Array(clusters.count);
    for (let row = 0; row < target.length; row++) {
      const query = at(clusters.of, row);
      const figure = figures[query] ?? null;
      if (at(isSeen, query) === 1 || figure === null) continue;
      isSeen[query] = 1;
      values[row] = figure;
      counted[row] = 1;
    }
    const finish = (sums: Float64Array) => finiteOrNull(at(sums, 0) / at(sums, 1));
    return { kind: "sums", rows: target.length, columns: [values, counted], finish };
  };
}

export const rankingMetrics = {
  ndcg: prepareRanking("ndcg"),
  map: prepareRanking("map"),
  mrr: prepareRanking("mrr"),
} as const;

function discountedGain(gains: readonly number[], depth: number): number {
  return gains.slice(0, depth).reduce((sum, gain, rank) => sum + gain / Math.log2(rank + 2), 0);
}

/** Linear gain, discount log₂(rank + 1), against the best order of the same items. */
function normalisedGain(gains: readonly number[], depth: number): number {
  const best = [...gains].sort((a, b) => b - a);
  return discountedGain(gains, depth) / discountedGain(best, depth);
}

/** Mean over the relevant items of the precision at their rank; those below `depth` count 0. */
function averagePrecision(gains: readonly number[], depth: number): number {
  let hits = 0;
  let sum = 0;
  for (const [rank, gain] of gains.slice(0, depth).entries()) {
    if (gain <= 0) continue;
    hits += 1;
    sum += hits / (rank + 1);
  }
  return sum / gains.filter((gain) => gain > 0).length;
}

function reciprocalRank(gains: readonly number[], depth: number): number {
  const rank = gains.slice(0, depth).findIndex((gain) => gain > 0);
  return rank < 0 ? 0 : 1 / (rank + 1);
}
