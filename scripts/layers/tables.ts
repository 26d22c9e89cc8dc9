import { readFileSync } from "node:fs";
import path from "node:path";
import type { Graph } from "./graph.ts";
import { areaOf, zoneOf } from "./zones.ts";

/** The catalogue's tables and the area whose store alone holds SQL on them. */
export const tableOwners: Readonly<Record<string, string>> = {
  operations: "operations",
  leases: "operations",
  jobs: "jobs",
  config_versions: "configs",
  models: "tracking",
  runs: "runs",
  stages: "runs",
  run_metrics: "runs",
  decisions: "promotion",
  ledger_head: "ledger",
};

const isStore = (file: string): boolean => /(^|[/-])store\.ts$/.test(file);

/** SQL on a table outside its owner's store, and tables of the migrations that nobody owns. */
export function tableViolations(root: string, graph: Graph): readonly string[] {
  const found: string[] = [];
  for (const { file } of graph.values()) {
    if (!file.startsWith("src-core/") || zoneOf(file)?.name === "tests") continue;
    const source = readFileSync(path.join(root, file), "utf8");
    if (file.includes("/catalogue/migrations/")) {
      found.push(...unowned(file, source));
      continue;
    }
    for (const table of tablesIn(source)) {
      const owner = tableOwners[table];
      if (owner === areaOf(file) && isStore(file)) continue;
      found.push(`${file} has SQL on the table ${table}: it belongs to a store of src-core/areas/${owner}.`);
    }
  }
  return found;
}

/** The catalogue's tables named behind FROM, JOIN, INTO or UPDATE in capitals, as SQL is written here. */
function tablesIn(source: string): ReadonlySet<string> {
  const named = source.matchAll(/\b(?:FROM|JOIN|INTO|UPDATE)\s+([a-z_]+)\b/g);
  return new Set([...named].map(([, name = ""]) => name).filter((name) => Object.hasOwn(tableOwners, name)));
}

function unowned(file: string, source: string): readonly string[] {
  const made = source.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?([a-z_]+)/g);
  return [...made]
    .map(([, name = ""]) => name)
    .filter((name) => !Object.hasOwn(tableOwners, name))
    .map((name) => `${file} makes the table ${name}, which scripts/layers/tables.ts gives to no area.`);
}
