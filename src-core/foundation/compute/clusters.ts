/** Rows that are resampled, and ranked, together: one cluster index per row, 0 … count − 1. */
export interface Clusters {
  readonly of: Int32Array;
  readonly count: number;
}

/** Names of groups as indices in order of first appearance; null if there are no groups. */
export function clustersOf(names: readonly string[] | undefined): Clusters | null {
  if (names === undefined) return null;
  const numbers = new Map<string, number>();
  const of = Int32Array.from(names, (name) => {
    const known = numbers.get(name) ?? numbers.size;
    numbers.set(name, known);
    return known;
  });
  return { of, count: numbers.size };
}
