import { chunkDraws, type DrawKernel, makeDrawKernel } from "./draw-kernel.ts";
import { drawIndex, rejectionThreshold } from "./philox.ts";

/** Which draws with replacement a bootstrap makes. `units` are rows, or clusters. */
export interface ResampleSource {
  readonly units: number;
  readonly seed: number;
  /** Separates the uses of one seed; 0 by default. */
  readonly stream?: number;
}

let kernel: DrawKernel | undefined;

/**
 * Visits the `units` draws of one replicate in chunks, in order. Draw i is `drawIndex(units, …)`: it depends on seed,
 * stream, replicate and i alone. The chunk is only valid during the visit.
 */
export function visitDraws(
  source: ResampleSource,
  replicate: number,
  visit: (indices: Int32Array, count: number) => void,
): void {
  kernel ??= makeDrawKernel();
  const { units, seed, stream = 0 } = source;
  const threshold = rejectionThreshold(units);
  for (let first = 0; first < units; first += chunkDraws) {
    const count = Math.min(chunkDraws, units - first);
    const firstGroup = first >>> 4;
    const groups = (count + 15) >>> 4;
    const rejected = kernel.run({ groups, firstGroup, seed, stream, replicate, n: units, threshold });
    for (let i = 0; i < rejected; i++) {
      const from = (kernel.rejectedGroups[i] ?? 0) * 16;
      for (let at = from; at < from + 16; at++)
        kernel.indices[at] = drawIndex(units, { seed, stream, replicate, draw: first + at });
    }
    visit(kernel.indices, count);
  }
}

/** How often each unit was drawn. `counts` is overwritten. */
export function drawCounts(source: ResampleSource, replicate: number, counts: Uint32Array): void {
  counts.fill(0);
  visitDraws(source, replicate, (indices, count) => {
    // Unread indices beyond `count` belong to draws that aren't part of the replicate.
    for (let i = 0; i < count; i++) {
      const at = indices[i] as number;
      counts[at] = (counts[at] as number) + 1;
    }
  });
}

/**
 * Sums of each column over the drawn units. Per column four partial sums by draw number modulo 4, added pairwise at the
 * end: the order is fixed and doesn't depend on which other columns are summed.
 */
export function drawSums(source: ResampleSource, replicate: number, columns: readonly Float64Array[]): Float64Array {
  const partial = new Float64Array(columns.length * 4);
  visitDraws(source, replicate, (indices, count) => {
    for (let column = 0; column < columns.length; column++)
      gather(columns[column] as Float64Array, { indices, count }, partial.subarray(column * 4, column * 4 + 4));
  });
  return columnTotals(partial);
}

function columnTotals(partial: Float64Array): Float64Array {
  const sums = new Float64Array(partial.length / 4);
  for (let column = 0; column < sums.length; column++) {
    const at = column * 4;
    sums[column] =
      (partial[at] as number) +
      (partial[at + 1] as number) +
      ((partial[at + 2] as number) + (partial[at + 3] as number));
  }
  return sums;
}

/** The hot loop of every bootstrap of sums; indices are checked by construction, hence the assertions. */
function gather(
  column: Float64Array,
  drawn: { readonly indices: Int32Array; readonly count: number },
  partial: Float64Array,
): void {
  const { indices, count } = drawn;
  let a = partial[0] as number;
  let b = partial[1] as number;
  let c = partial[2] as number;
  let d = partial[3] as number;
  const whole = count & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += column[indices[i] as number] as number;
    b += column[indices[i + 1] as number] as number;
    c += column[indices[i + 2] as number] as number;
    d += column[indices[i + 3] as number] as number;
  }
  // The last chunk may end within a group of four: the remainder goes to the first sums in turn.
  if (whole < count) a += column[indices[whole] as number] as number;
  if (whole + 1 < count) b += column[indices[whole + 1] as number] as number;
  if (whole + 2 < count) c += column[indices[whole + 2] as number] as number;
  partial[0] = a;
  partial[1] = b;
  partial[2] = c;
  partial[3] = d;
}
