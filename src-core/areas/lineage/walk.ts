import type { LineageNode } from "../../contract/lineage.ts";
import type { Lineage } from "./graph.ts";

export type Direction = "up" | "down" | "both";

/** Returns the part of a graph that leads to a node or results from it, but not nodes that only share an ancestor. Keeps the order. */
export function aroundOf(graph: Lineage, subject: string, direction: Direction): Lineage {
  const kept = new Set([subject]);
  if (direction !== "down") for (const id of reach(graph, subject, "up")) kept.add(id);
  const below = direction === "up" ? new Set<string>() : reach(graph, subject, "down");
  for (const id of below) kept.add(id);
  const above = direction === "down" ? new Set<string>() : reach(graph, subject, "up");
  const isOn = (ids: ReadonlySet<string>, id: string) => ids.has(id) || id === subject;
  return {
    nodes: graph.nodes.filter((node) => kept.has(node.id)),
    edges: graph.edges.filter(
      ({ source, target }) =>
        (isOn(above, source) && isOn(above, target)) || (isOn(below, source) && isOn(below, target)),
    ),
  };
}

function reach({ edges }: Lineage, from: string, way: "up" | "down"): ReadonlySet<string> {
  const next = new Map<string, string[]>();
  for (const { source, target } of edges) {
    const [here, there] = way === "up" ? [target, source] : [source, target];
    next.set(here, [...(next.get(here) ?? []), there]);
  }
  const found = new Set<string>();
  const queue = [from];
  for (let at = queue.pop(); at !== undefined; at = queue.pop()) {
    for (const id of next.get(at) ?? []) {
      if (found.has(id)) continue;
      found.add(id);
      queue.push(id);
    }
  }
  return found;
}

/** Returns the newest node; the first of equally new ones. */
export function newest(nodes: readonly LineageNode[]): LineageNode | undefined {
  return nodes.reduce<LineageNode | undefined>(
    (best, node) => (best === undefined || (node.time ?? 0) > (best.time ?? 0) ? node : best),
    undefined,
  );
}
