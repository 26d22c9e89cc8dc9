/** A name as an SQL identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * A text as an SQL string literal. DuckDB reads no escapes inside plain quotes but the doubled quote, and a statement ends at a
 * NUL: a text that holds one is put together.
 */
export function literal(text: string): string {
  const parts = text.split("\0").map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? (parts[0] ?? "''") : `(${parts.join(" || chr(0) || ")})`;
}

export function literalList(texts: readonly string[]): string {
  return `[${texts.map(literal).join(", ")}]`;
}

/**
 * Condition that an SQL text is one of these; null for a null, as IN gives. DuckDB makes a hash join of every IN with several
 * constants: with forty such columns a table of 300 rows took 600 MB, and planning grew with their square.
 */
export function isOneOf(sql: string, texts: readonly string[]): string {
  return `list_contains(${literalList(texts)}, ${sql})`;
}
