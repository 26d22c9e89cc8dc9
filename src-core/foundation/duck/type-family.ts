export type TypeFamily = "int" | "float" | "decimal" | "bool" | "timestamp" | "text" | "struct" | "list" | "other";

/** What kind of value a DuckDB type holds. */
export function typeFamily(type: string): TypeFamily {
  if (/(\[\d*\])$/.test(type)) return "list";
  if (type.startsWith("STRUCT")) return "struct";
  if (/^U?(TINY|SMALL|BIG|HUGE)INT$|^U?INTEGER$/.test(type)) return "int";
  if (/^(FLOAT|DOUBLE|REAL)$/.test(type)) return "float";
  if (type.startsWith("DECIMAL")) return "decimal";
  if (type === "BOOLEAN") return "bool";
  if (/^TIMESTAMP|^DATE$/.test(type)) return "timestamp";
  if (/^(VARCHAR|UUID)$|^ENUM/.test(type)) return "text";
  return "other";
}
