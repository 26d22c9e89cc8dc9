/** One view of a target as the key of a map: the pooled one (symbol null), or a segment's. */
export function viewKey(target: string, symbol: string | null): string {
  return `${target}\u001f${symbol ?? ""}`;
}
