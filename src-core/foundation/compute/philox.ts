/**
 * Philox4x32: a counter-based generator. A block is a pure function of counter and key, so any replicate's stream is
 * reached without computing the ones before it.
 * Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11.
 */
const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const keyStep0 = 0x9e3779b9;
const keyStep1 = 0xbb67ae85;

/** The fewest rounds that the authors found to pass every test of BigCrush; 10 is their safety margin at 1.4 times the cost. */
const rounds = 7;

export type Block = readonly [number, number, number, number];

/** High 32 bits of the product of two unsigned 32-bit integers. */
export function multiplyHigh(a: number, b: number): number {
  const low = Math.imul(a, b) >>> 0;
  // The double product is off by less than 2^11 of 2^64; subtracting the exact low word leaves high·2^32 ± 2^11.
  return Math.round(((a >>> 0) * (b >>> 0) - low) / 0x1_0000_0000) >>> 0;
}

/** One block of four unsigned 32-bit words. */
export function philox4x32(counter: Block, key: readonly [number, number], roundCount: number = rounds): Block {
  let [x0, x1, x2, x3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < roundCount; round++) {
    const high0 = multiplyHigh(x0, multiplier0);
    const low0 = Math.imul(x0, multiplier0);
    const high1 = multiplyHigh(x2, multiplier1);
    const low1 = Math.imul(x2, multiplier1);
    [x0, x1, x2, x3] = [(high1 ^ x1 ^ k0) >>> 0, low1 >>> 0, (high0 ^ x3 ^ k1) >>> 0, low0 >>> 0];
    k0 = (k0 + keyStep0) >>> 0;
    k1 = (k1 + keyStep1) >>> 0;
  }
  return [x0, x1, x2, x3];
}

/**
 * The draw number `draw` of a replicate: an index in [0, n), each exactly equally likely.
 * Draws come in groups of 16: draw 16g + 4j + l is word j of block 4g + l, the order in which four blocks are computed
 * side by side. A rejected word is replaced by the same word of the next attempt (third counter word), so that no draw
 * depends on another. Bounded as by Lemire, "Fast random integer generation in an interval", TOMACS 29 (2019).
 */
export function drawIndex(n: number, at: DrawAddress): number {
  const threshold = rejectionThreshold(n);
  const block = (at.draw >>> 4) * 4 + (at.draw & 3);
  const word = (at.draw >>> 2) & 3;
  for (let attempt = 0; ; attempt++) {
    const random = philox4x32([block >>> 0, at.replicate, attempt, 0], [at.seed, at.stream])[word] ?? 0;
    if (Math.imul(random, n) >>> 0 >= threshold) return multiplyHigh(random, n);
  }
}

export interface DrawAddress {
  readonly seed: number;
  /** Separates the uses of one seed. */
  readonly stream: number;
  readonly replicate: number;
  readonly draw: number;
}

/** 2^32 mod n: products whose low word is below it would make some indices more likely than others. */
export function rejectionThreshold(n: number): number {
  return 0x1_0000_0000 % n;
}
