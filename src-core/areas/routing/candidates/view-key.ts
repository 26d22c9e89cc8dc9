/** One view of a target as the key of a map: the pooled one (symbol null), or a segment's, whose name may be any string. */
export function viewKey(target: string, symbol: string | null): string {
  return JSON.stringify([target, symbol]);
}
