import { readFileSync } from "node:fs";
import path from "node:path";
import type { Graph } from "./graph.ts";
import { areaOf, zoneOf } from "./zones.ts";

/** The catalogue's tables and the area whose store alone holds SQL on them; "catalogue" is the foundation's own. */
const tableOwners: Readonly<Record<string, string>> = {
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
  ledger_copy: "ledger",
  outbox: "outbox",
  changes: "catalogue",
  feed: "catalogue",
};

const isStore = (file: string): boolean => /(^|[/-])store\.ts$/.test(file);

function isOwner(owner: string | undefined, file: string): boolean {
  return owner === "catalogue" ? zoneOf(file)?.name === owner : owner === areaOf(file) && isStore(file);
}

/** SQL on a table outside its owner's store, and tables of the migrations that nobody owns. */
export function tableViolations(root: string, graph: Graph): readonly string[] {
  const found: string[] = [];
  const made = new Map<string, string>();
  for (const { file } of graph.values()) {
    if (!file.startsWith("src-core/") || zoneOf(file)?.name === "tests") continue;
    const source = readFileSync(path.join(root, file), "utf8");
    if (file.includes("/catalogue/migrations/")) {
      for (const name of namesAfter("CREATE TABLE", source)) made.set(name, file);
      for (const name of namesAfter("DROP TABLE", source)) made.delete(name);
      continue;
    }
    for (const table of tablesIn(source)) {
      const owner = tableOwners[table];
      if (isOwner(owner, file)) continue;
      found.push(
        `${file} has SQL on the table ${table}: it belongs to ${owner === "catalogue" ? "src-core/foundation/catalogue" : `a store of src-core/areas/${owner}`}.`,
      );
    }
  }
  for (const [table, file] of made)
    if (!Object.hasOwn(tableOwners, table))
      found.push(`${file} creates the table ${table}, which has no owner in scripts/layers/tables.ts.`);
  return found;
}

/** Finds the catalogue's tables after FROM, JOIN, INTO or UPDATE in capitals, as SQL is written here. */
function tablesIn(source: string): ReadonlySet<string> {
  const named = ["FROM", "JOIN", "INTO", "UPDATE"].flatMap((word) => namesAfter(word, source));
  return new Set(named.filter((name) => Object.hasOwn(tableOwners, name)));
}

function namesAfter(words: string, source: string): readonly string[] {
  const found = source.matchAll(new RegExp(`\\b${words}(?: IF (?:NOT )?EXISTS)?\\s+([a-z_]+)\\b`, "g"));
  return [...found].map(([, name = ""]) => name);
}
