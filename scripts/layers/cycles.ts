import type { Graph } from "./graph.ts";

/** Finds import cycles, each once, as a chain that ends where it begins. Type imports count, too. */
export function importCycles(graph: Graph): readonly string[] {
  const found: string[] = [];
  const state = new Map<string, "open" | "done">();
  const trail: string[] = [];
  const visit = (file: string): void => {
    state.set(file, "open");
    trail.push(file);
    for (const { target } of graph.get(file)?.imports ?? []) {
      if (target === undefined || !graph.has(target)) continue;
      const known = state.get(target);
      if (known === "open") found.push([...trail.slice(trail.indexOf(target)), target].join(" → "));
      else if (known === undefined) visit(target);
    }
    trail.pop();
    state.set(file, "done");
  };
  for (const file of graph.keys()) if (!state.has(file)) visit(file);
  return found;
}
