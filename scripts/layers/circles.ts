import type { Graph } from "./graph.ts";
import { areaOf, zoneOf } from "./zones.ts";

/**
 * Finds circles among parts larger than a file, and an import for each step: areas must not import each other both ways, nor may rooms
 * (the folders below an area or a foundation). Imports of types count between areas; rooms of one area may share types.
 */
export function circles(graph: Graph): readonly string[] {
  return [
    ...circlesOf("areas", graph, { partOf: areaOf, countsTypes: true }),
    ...circlesOf("rooms", graph, { partOf: roomOf, countsTypes: false }),
  ];
}

/** The folder of a module in a room; undefined at an area's root, which is above its rooms. */
function roomOf(file: string): string | undefined {
  if (zoneOf(file)?.name === "tests") return undefined;
  return /^(src-core\/(?:areas|foundation)\/[a-z-]+\/.+)\/[^/]+$/.exec(file)?.[1];
}

interface Parts {
  readonly partOf: (file: string) => string | undefined;
  readonly countsTypes: boolean;
}

function circlesOf(what: string, graph: Graph, { partOf, countsTypes }: Parts): readonly string[] {
  const edges = new Map<string, Map<string, string>>();
  for (const { file, imports } of graph.values()) {
    const from = partOf(file);
    if (from === undefined) continue;
    for (const { target, isTypeOnly } of imports) {
      const to = target === undefined ? undefined : partOf(target);
      if (to === undefined || to === from || (isTypeOnly && !countsTypes)) continue;
      const known = edges.get(from) ?? new Map<string, string>();
      if (!known.has(to)) known.set(to, `${file} imports ${target}`);
      edges.set(from, known);
    }
  }
  return [...edges.keys()].flatMap((start) => {
    const chain = shortestWay(edges, start);
    // Each circle once, by its first part.
    if (chain === undefined || chain.some((part) => part < start)) return [];
    const why = chain.map((part, index) => edges.get(part)?.get(chain[index + 1] ?? start));
    return [`Circle of ${what}: ${[...chain, start].join(" → ")} (${why.join("; ")})`];
  });
}

/** Finds the shortest way from a part back to itself. */
function shortestWay(edges: ReadonlyMap<string, ReadonlyMap<string, string>>, start: string) {
  const ways: (readonly string[])[] = [[start]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    for (const next of edges.get(way.at(-1) ?? start)?.keys() ?? []) {
      if (next === start) return way;
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}
