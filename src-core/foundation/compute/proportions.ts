import { normalQuantile } from "./normal.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Wilson's score interval of a share of k in n. */
export function wilsonInterval(k: number, n: number, confidence = 0.95): Interval {
  checkCounts(k, n);
  const z = normalQuantile(0.5 + confidence / 2);
  const share = k / n;
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n));
  return { low: k === 0 ? 0 : Math.max(0, centre - half), high: k === n ? 1 : Math.min(1, centre + half) };
}

/** Clopper and Pearson's exact interval: the shares under which k isn't surprising on either side. */
export function clopperPearsonInterval(k: number, n: number, confidence = 0.95): Interval {
  checkCounts(k, n);
  const tail = (1 - confidence) / 2;
  return {
    low: k === 0 ? 0 : bisect((share) => binomialUpperTail(k, n, share) - tail),
    high: k === n ? 1 : bisect((share) => 1 - binomialUpperTail(k + 1, n, share) - tail),
  };
}

function checkCounts(k: number, n: number): void {
  if (!(Number.isInteger(k) && Number.isInteger(n) && n > 0 && k >= 0 && k <= n))
    throw new RangeError(`A share needs whole 0 ≤ k ≤ n and n > 0, got ${k} of ${n}`);
}

/** The zero of a monotone function on [0, 1], by halving to the last digit. */
function bisect(of: (share: number) => number): number {
  let low = 0;
  let high = 1;
  const isRising = of(0) < of(1);
  for (let step = 0; step < 200; step++) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (of(middle) < 0 === isRising) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P[Bin(n, share) ≥ k], each term from the log of its coefficient. */
function binomialUpperTail(k: number, n: number, share: number): number {
  if (k <= 0) return 1;
  if (k > n) return 0;
  if (share <= 0) return 0;
  if (share >= 1) return 1;
  let logTerm = k * Math.log(share) + (n - k) * Math.log1p(-share);
  for (let i = 1; i <= Math.min(k, n - k); i++) logTerm += Math.log((n - i + 1) / i);
  let sum = 0;
  for (let i = k; i <= n; i++) {
    sum += Math.exp(logTerm);
    logTerm += Math.log(((n - i) * share) / ((i + 1) * (1 - share)));
  }
  return Math.min(1, sum);
}

export interface McNemar {
  /** min(1, 2·P[Bin(b + c, ½) ≤ min(b, c)]); by symmetry the tail from max(b, c). */
  readonly twoSided: number;
  /** P[Bin(b + c, ½) ≥ b]: how surprising so many rows in the candidate's favour are if neither is better. */
  readonly oneSided: number;
}

/** Exact McNemar test: `b` rows only the candidate has right, `c` rows only production has right. */
export function mcNemar(b: number, c: number): McNemar {
  const discordant = b + c;
  const lower = binomialUpperTail(Math.max(b, c), discordant, 0.5);
  return { twoSided: Math.min(1, 2 * lower), oneSided: binomialUpperTail(b, discordant, 0.5) };
}

/** Indices from the smallest p to the largest; equal ones in the order given. */
function byP(ps: readonly number[]): readonly number[] {
  return ps.map((_, index) => index).sort((a, b) => (ps[a] ?? 0) - (ps[b] ?? 0));
}

/** The level that Holm's procedure tests each p at, in the order given: α / m for the smallest, α for the largest. */
export function holmLevels(ps: readonly number[], alpha: number): readonly number[] {
  const levels = new Array<number>(ps.length).fill(alpha);
  for (const [rank, index] of byP(ps).entries()) levels[index] = alpha / (ps.length - rank);
  return levels;
}

/** Holm's step-down adjusted p-values, in the order given. */
export function holmAdjusted(ps: readonly number[]): readonly number[] {
  const order = byP(ps);
  const adjusted = new Array<number>(ps.length).fill(1);
  let largest = 0;
  for (const [rank, index] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (ps.length - rank) * (ps[index] ?? 1)));
    adjusted[index] = largest;
  }
  return adjusted;
}
