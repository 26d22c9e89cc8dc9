import type { Graph } from "./graph.ts";
import { zoneOf } from "./zones.ts";

/**
 * Finds modules of src-view that load zod, each with the chain to it: one such import brings all of zod into a page,
 * and under the page's content policy zod needs a setting before the first schema. Types cost nothing.
 */
export function zodViolations(graph: Graph): readonly string[] {
  return [...graph.keys()]
    .filter((file) => zoneOf(file)?.name === "view")
    .flatMap((file) => {
      const chain = chainTo(graph, file, "zod");
      return chain === undefined ? [] : [`${file} loads zod: ${chain.join(" → ")}`];
    });
}

function chainTo(
  graph: Graph,
  file: string,
  wanted: string,
  seen: Set<string> = new Set(),
): readonly string[] | undefined {
  if (seen.has(file)) return undefined;
  seen.add(file);
  for (const { specifier, isTypeOnly, target } of graph.get(file)?.imports ?? []) {
    if (isTypeOnly) continue;
    if (target === undefined) {
      if (specifier === wanted || specifier.startsWith(`${wanted}/`)) return [file, specifier];
      continue;
    }
    const deeper = chainTo(graph, target, wanted, seen);
    if (deeper !== undefined) return [file, ...deeper];
  }
  return undefined;
}
