import { readFileSync } from "node:fs";
import path from "node:path";
import type { Graph } from "./graph.ts";
import { zoneOf } from "./zones.ts";

const owner = "src-core/foundation/duck/read-sql.ts";
const reader = /\b((read_(parquet|csv|json|ndjson|text|blob)\w*|parquet_(scan|schema|metadata)|sniff_csv) ?\()/;

/** Production modules that call a reader of DuckDB themselves: its defaults take columns from the names of folders. */
export function tableReaderViolations(root: string, graph: Graph): readonly string[] {
  return [...graph.keys()]
    .filter((file) => /^(src-|workers\/)/.test(file) && file !== owner && zoneOf(file)?.name !== "tests")
    .flatMap((file) => {
      const found = reader.exec(readFileSync(path.join(root, file), "utf8"))?.[1];
      return found === undefined ? [] : [`${file} calls ${found}…): use ${owner}.`];
    });
}
