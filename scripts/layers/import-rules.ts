import type { Graph, Module } from "./graph.ts";
import { impurityOf } from "./purity.ts";
import { areaOf, type Zone, zoneOf } from "./zones.ts";

/** Describes each violation in one line: the file, the import, and the rule. */
export function importViolations(graph: Graph): readonly string[] {
  return [...graph.values()].flatMap((module) => {
    const zone = zoneOf(module.file);
    if (zone === undefined) return [`${module.file} isn't in any zone of scripts/layers/zones.ts.`];
    return module.imports.flatMap((it) => {
      const reason =
        it.target === undefined
          ? packageReason(zone, it.specifier)
          : targetReason({ graph, module, zone, target: it.target, isTypeOnly: it.isTypeOnly });
      return reason === undefined ? [] : [`${module.file} imports ${it.target ?? it.specifier}: ${reason}`];
    });
  });
}

function packageReason(zone: Zone, specifier: string): string | undefined {
  if (zone.packages.includes("*")) return undefined;
  const isAllowed = zone.packages.some((allowed) =>
    allowed === "node:" ? specifier.startsWith("node:") : specifier === allowed || specifier.startsWith(`${allowed}/`),
  );
  return isAllowed ? undefined : `${zone.name} may import only the packages ${zone.packages.join(", ") || "(none)"}`;
}

interface Edge {
  readonly graph: Graph;
  readonly module: Module;
  readonly zone: Zone;
  readonly target: string;
  readonly isTypeOnly: boolean;
}

function targetReason({ graph, module, zone, target, isTypeOnly }: Edge): string | undefined {
  // Tests, and the tools that nothing imports, may use the support code of tests.
  if (zone.name === "tests" || zone.name === "tools") return graph.has(target) ? undefined : absentReason(target);
  const other = zoneOf(target);
  if (other?.name === "tests" || target.startsWith("fixtures/")) return "production code imports no tests or fixtures";
  if (!graph.has(target)) return absentReason(target);
  if (other === undefined) return "it isn't in any zone";
  const [own, foreign] = [areaOf(module.file), areaOf(target)];
  if (own !== undefined && foreign !== undefined && own !== foreign) {
    if (isTypeOnly) return undefined;
    const chain = impurityOf(graph, target);
    return chain && impureReason({ own, foreign, chain });
  }
  if (other.name === zone.name || zone.zones.includes("*") || zone.zones.includes(other.name)) return undefined;
  if (isTypeOnly && zone.types?.includes(other.name)) return undefined;
  return `${zone.name} may not import ${other.name}`;
}

/** An area can't import it, so the reason says how it gets it. */
function impureReason(it: {
  readonly own: string;
  readonly foreign: string;
  readonly chain: readonly string[];
}): string {
  const { own, foreign, chain } = it;
  // The core has a member `tracking` of its own: the server.
  const offer = foreign === "tracking" ? "models" : foreign;
  const needs = `src-core/areas/${own}/needs.ts`;
  return [
    `another area's module is open only if it is pure; this one reaches ${chain.slice(1).join(" → ") || chain[0]}.`,
    `Name the function in ${needs}, as a member of Offers["${offer}"], and call it through the core.`,
    `If ${foreign} doesn't offer it yet, declare it in src-core/foundation/context.ts and implement it in src-core/areas/${foreign}/offer.ts`,
  ].join(" ");
}

function absentReason(target: string): string | undefined {
  return target.endsWith(".json") ? undefined : "there is no such module";
}
