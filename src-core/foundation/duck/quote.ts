/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A string as an SQL string literal. The doubled quote is the only escape DuckDB reads inside plain quotes, and a statement
 * ends at a NUL: a string that holds one is concatenated from parts.
 */
export function literal(text: string): string {
  const parts = text.split("\0").map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? (parts[0] ?? "''") : `(${parts.join(" || chr(0) || ")})`;
}

export function literalList(texts: readonly string[]): string {
  return `[${texts.map(literal).join(", ")}]`;
}

/**
 * Condition that an SQL string is one of these; null for a null, as with IN. DuckDB turns every IN with several constants
 * into a hash join: with forty such columns a table of 300 rows took 600 MB, and planning grew with their square.
 */
export function isOneOf(sql: string, texts: readonly string[]): string {
  return `list_contains(${literalList(texts)}, ${sql})`;
}
