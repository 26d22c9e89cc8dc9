import { isMapping } from "./read/schema-walk.ts";

export interface Change {
  /** "columns.distance.max", "gates[1].metric". */
  readonly path: string;
  readonly change: "added" | "removed" | "changed";
  /** JSON; null if the value doesn't exist. */
  readonly before: string | null;
  readonly after: string | null;
}

/** Values that differ between two files, by path of keys in the order of the first. */
export function diffValues(before: unknown, after: unknown, path = ""): readonly Change[] {
  if (isMapping(before) && isMapping(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => diffValues(own(before, key), own(after, key), path === "" ? key : `${path}.${key}`));
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => diffValues(before[index], after[index], `${path}[${index}]`)).flat();
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const change = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  return [{ path, change, before: jsonOf(before), after: jsonOf(after) }];
}

function own(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function jsonOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
