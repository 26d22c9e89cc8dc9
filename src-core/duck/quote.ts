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
