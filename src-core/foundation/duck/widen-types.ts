import { beyondDouble } from "./exact-numbers.ts";
import { typeFamily } from "./type-family.ts";

/** The type that holds what all of these DuckDB types hold, up to `lossSql`; null if they are different kinds of values. */
export function widenedType(types: readonly string[]): string | null {
  const [first] = types;
  if (first === undefined) return null;
  if (types.every((type) => type === first)) return first;
  const families = new Set(types.map(typeFamily));
  const only = (...allowed: readonly string[]) => [...families].every((family) => allowed.includes(family));
  if (only("int")) return widenedInt(types);
  if (only("int", "decimal")) return widenedDecimal(types);
  if (only("int", "decimal", "float")) return "DOUBLE";
  if (only("timestamp")) return types.includes("TIMESTAMP_NS") ? "TIMESTAMP_NS" : "TIMESTAMP";
  return only("text") ? "VARCHAR" : null;
}

/** Condition that a value of the one type isn't kept by the wider one; null if all are. */
export function lossSql(from: string, to: string, column: string): string | null {
  if (from === to) return null;
  const isShort = /^U?(TINY|SMALL)INT$|^U?INTEGER$|^FLOAT$/.test(from);
  if (to === "DOUBLE") return isShort ? null : beyondDouble(column);
  if (to === "TIMESTAMP_NS") {
    return `(${column} NOT BETWEEN TIMESTAMP '1677-09-22' AND TIMESTAMP '2262-04-11')`;
  }
  if (to === "BIGINT" && from === "UBIGINT") return `(${column} > 9223372036854775807)`;
  return null;
}

const bits = (type: string): number =>
  type.includes("TINY")
    ? 8
    : type.includes("SMALL")
      ? 16
      : type.includes("BIG")
        ? 64
        : type.includes("HUGE")
          ? 128
          : 32;

const signed: Readonly<Record<number, string>> = { 8: "TINYINT", 16: "SMALLINT", 32: "INTEGER", 64: "BIGINT" };

/** At most BIGINT: Parquet has no wider integer, and DuckDB would write one as a double. */
function widenedInt(types: readonly string[]): string {
  const isUnsigned = (type: string) => type.startsWith("U");
  if (types.every(isUnsigned)) return types.reduce((a, b) => (bits(b) > bits(a) ? b : a));
  const needed = Math.max(...types.map((type) => (isUnsigned(type) ? 2 * bits(type) : bits(type))));
  return signed[needed] ?? "BIGINT";
}

const intDigits: Readonly<Record<number, number>> = { 8: 3, 16: 5, 32: 10, 64: 20 };

function widenedDecimal(types: readonly string[]): string | null {
  const parts = types.map((type) => {
    const found = /^DECIMAL\((\d+),(\d+)\)$/.exec(type);
    const scale = Number(found?.[2] ?? 0);
    return { scale, whole: found ? Number(found[1]) - scale : (intDigits[bits(type)] ?? 39) };
  });
  const scale = Math.max(...parts.map((part) => part.scale));
  const width = scale + Math.max(...parts.map((part) => part.whole));
  return width > 38 ? null : `DECIMAL(${width},${scale})`;
}
