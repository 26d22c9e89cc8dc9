import type { Graph } from "./graph.ts";
import { zoneOf } from "./zones.ts";

/** What a pure module may import: nothing that reads or changes the outside world. */
const pureNodeModules = new Set(["node:path", "node:crypto", "node:util", "node:url", "node:buffer", "node:os"]);
const purePackages = new Set(["zod", "yaml", "ignore"]);
/** Of the catalogue, what opens it reaches its library and is found by that; what only speaks to a reader or writer it was handed is pure. */
const impureZones = new Set(["exec", "mlflow", "wiring", "rpc"]);

/** Finds the chain of imports by which a module reaches something impure; undefined if the module is pure. */
export function impurityOf(
  graph: Graph,
  file: string,
  seen: ReadonlySet<string> = new Set(),
): readonly string[] | undefined {
  if (seen.has(file)) return undefined;
  const zone = zoneOf(file)?.name ?? "";
  if (impureZones.has(zone)) return [file];
  // Paths, digests and durable writes: every zone uses them, so only their callers are checked.
  if (zone === "files" || zone === "text" || zone === "contract") return undefined;
  const visited = new Set([...seen, file]);
  for (const { specifier, isTypeOnly, target } of graph.get(file)?.imports ?? []) {
    if (isTypeOnly) continue;
    if (target === undefined) {
      const isPure = specifier.startsWith("node:") ? pureNodeModules.has(specifier) : purePackages.has(specifier);
      if (!isPure) return [file, specifier];
      continue;
    }
    const deeper = impurityOf(graph, target, visited);
    if (deeper !== undefined) return [file, ...deeper];
  }
  return undefined;
}
