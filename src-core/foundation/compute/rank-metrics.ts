import { probabilityOf } from "./class-metrics.ts";
import { at, type PreparedMetric, type ScoredRows, type Unmeasured, unmeasured } from "./scored-rows.ts";

/** Rows of one class's question "this class or another?", ordered once by falling score. */
interface Ranking {
  readonly order: Int32Array;
  /** 1 where the row at that rank has a lower score than the one before it: a new group of ties begins. */
  readonly startsGroup: Uint8Array;
  /** 1 where the row at that rank is of the class. */
  readonly isPositive: Uint8Array;
}

function rankingOf(rows: ScoredRows, k: number): Ranking {
  const n = rows.target.length;
  const scores = new Float64Array(n);
  for (let i = 0; i < n; i++) scores[i] = probabilityOf(rows, i, k);
  const order = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => at(scores, b) - at(scores, a) || a - b);
  const startsGroup = new Uint8Array(n);
  const isPositive = new Uint8Array(n);
  for (let rank = 0; rank < n; rank++) {
    const row = at(order, rank);
    if (rank === 0 || at(scores, row) !== at(scores, at(order, rank - 1))) startsGroup[rank] = 1;
    if (at(rows.target, row) === k) isPositive[rank] = 1;
  }
  return { order, startsGroup, isPositive };
}

interface TieGroup {
  readonly positives: number;
  readonly negatives: number;
}

/** Calls `visit` with the weight of positives and negatives of each group of equal scores, from the highest score. */
function visitGroups(ranking: Ranking, weights: Uint32Array | null, visit: (group: TieGroup) => void): void {
  const { order, startsGroup, isPositive } = ranking;
  let positives = 0;
  let negatives = 0;
  for (let rank = 0; rank < order.length; rank++) {
    if (startsGroup[rank] === 1 && positives + negatives > 0) {
      visit({ positives, negatives });
      positives = 0;
      negatives = 0;
    }
    const weight = weights === null ? 1 : at(weights, at(order, rank));
    if (isPositive[rank] === 1) positives += weight;
    else negatives += weight;
  }
  if (positives + negatives > 0) visit({ positives, negatives });
}

/** Share of (positive, negative) pairs in the right order, ties ½ (Mann–Whitney). Counts are exact integers. */
function rocArea(ranking: Ranking, weights: Uint32Array | null): number | null {
  let above = 0;
  let negativesTotal = 0;
  let pairs = 0;
  visitGroups(ranking, weights, ({ positives, negatives }) => {
    pairs += negatives * (above + positives / 2);
    above += positives;
    negativesTotal += negatives;
  });
  return above === 0 || negativesTotal === 0 ? null : pairs / (above * negativesTotal);
}

/** Average precision Σ (Rₖ − Rₖ₋₁) Pₖ over the thresholds, equal scores entering together. */
function averagePrecision(ranking: Ranking, weights: Uint32Array | null): number | null {
  let hits = 0;
  let seen = 0;
  let sum = 0;
  visitGroups(ranking, weights, ({ positives, negatives }) => {
    hits += positives;
    seen += positives + negatives;
    sum += positives * (hits / seen);
  });
  return hits === 0 ? null : sum / hits;
}

type Area = typeof rocArea;

function classNamed({ classNames, task }: ScoredRows, index: number): string {
  const name = classNames?.[index];
  if (name !== undefined) return `the class ${name}`;
  return task === "binary" ? `the ${index === 1 ? "positive" : "negative"} class` : "one class";
}

function overClasses(rows: ScoredRows, area: Area): PreparedMetric | Unmeasured {
  const classes = rows.task === "binary" ? [1] : Array.from({ length: rows.classCount }, (_, k) => k);
  const rankings = classes.map((k) => rankingOf(rows, k));
  const evaluate = (weights: Uint32Array | null): number | null => {
    let sum = 0;
    for (const ranking of rankings) {
      const value = area(ranking, weights);
      if (value === null) return null;
      sum += value;
    }
    return sum / rankings.length;
  };
  const counts = new Float64Array(rows.classCount);
  for (const k of rows.target) counts[k] = at(counts, k) + 1;
  const missing = counts.indexOf(0);
  if (missing >= 0) return unmeasured(`${classNamed(rows, missing)} has no row`);
  return { kind: "weighted", rows: rows.target.length, evaluate };
}

/** Metrics that depend on the order of the scores: one sort when prepared, one pass per resample. */
export const rankMetrics = {
  roc_auc: (rows: ScoredRows) => overClasses(rows, rocArea),
  pr_auc: (rows: ScoredRows) => overClasses(rows, averagePrecision),
};
