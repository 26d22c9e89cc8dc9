import { isObjectShape, type JsonShape, pointerSql } from "./json-shape.ts";
import { count, type Duck } from "./open.ts";
import { jsonTextsSql } from "./read-sql.ts";
import { foldedName, sameNames, type TableColumn } from "./table-columns.ts";

type Pair = readonly [string, string];

/**
 * Two keys of an object, as dotted paths, that differ only in case; null if there are none. `sniffed` has the columns under
 * the names that DuckDB gave them, null if it refused them for such keys inside an object.
 */
export async function sameKeys(
  duck: Duck,
  files: readonly string[],
  sniffed: readonly TableColumn[] | null,
): Promise<Pair | null> {
  if (sniffed === null) return innerSameKeys(duck, files);
  for (const [column, name] of renamedNames(sniffed.map((it) => it.name))) {
    const row = await duck.row(
      `SELECT count(*) FILTER (json_exists(json, ${pointerSql([column])})) AS n FROM ${jsonTextsSql(files)}`,
    );
    const other = sniffed.find((it) => foldedName(it.name) === foldedName(name));
    if (count(row.n) === 0 && other !== undefined) return [other.name, name];
  }
  return null;
}

/** Names of the form in which DuckDB renames the second of two: Load_1 beside load, with Load. */
function renamedNames(names: readonly string[]): readonly Pair[] {
  const folded = new Set(names.map(foldedName));
  return names.flatMap((name) => {
    const base = /^(.*)_\d+$/s.exec(name)?.[1];
    return base !== undefined && folded.has(foldedName(base)) ? [[name, base] as const] : [];
  });
}

/** Goes through the structure of every line. Slow, and only for the message. */
async function innerSameKeys(duck: Duck, files: readonly string[]): Promise<Pair> {
  const rows = await duck.rows(`SELECT DISTINCT json_structure(json)::VARCHAR AS shape FROM ${jsonTextsSql(files)}`);
  const keys = new Map<string, Set<string>>();
  for (const row of rows) collectKeys(JSON.parse(String(row.shape)) as JsonShape, "", keys);
  for (const [above, names] of keys) {
    const [same] = sameNames([...names].toSorted().toReversed());
    if (same !== undefined) return [`${above}${same[0]}`, `${above}${same[1]}`];
  }
  throw new Error("DuckDB refuses keys that are all different.");
}

function collectKeys(shape: JsonShape, above: string, keys: Map<string, Set<string>>): void {
  if (typeof shape === "string") return;
  if (!isObjectShape(shape)) {
    for (const element of shape) collectKeys(element, above, keys);
    return;
  }
  const names = keys.get(above) ?? new Set();
  keys.set(above, names);
  for (const [key, inner] of Object.entries(shape)) {
    names.add(key);
    collectKeys(inner, `${above}${key}.`, keys);
  }
}
