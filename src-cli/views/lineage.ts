import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { LineageNode } from "../../src-core/contract/lineage.ts";
import { clip, widthOf } from "../measure.ts";
import { paint, plainLine, type Screen } from "../screen.ts";
import { lines } from "../text.ts";
import { localTime } from "../times.ts";
import type { Views } from "../view.ts";

type Lineage = OperationOutput<"lineage.show">;

export const lineageViews: Views = {
  "lineage.show": (output, screen) => {
    switch (output.format) {
      case "tree":
        return tree(output, screen);
      case "json":
        return JSON.stringify({ subject: output.subject, nodes: output.nodes, edges: output.edges }, null, 2);
      case "dot":
      case "mermaid":
        return output.text ?? "";
      default:
        return output.format satisfies never;
    }
  },
};

interface Branch {
  readonly node: LineageNode;
  /** How it is related to what stands above it. */
  readonly relation: string;
  readonly branches: readonly Branch[];
  /** True where its own branches were shown before. */
  readonly isRepeated: boolean;
}

function tree(output: Lineage, screen: Screen): string {
  const { nodes, direction } = output;
  const subject = nodes.find((node) => node.id === output.subject);
  if (subject === undefined) return "";
  const up = direction === "down" ? [] : branchesOf(output, "up");
  const down = direction === "up" ? [] : branchesOf(output, "down");
  return lines(
    line(subject, { lead: "", relation: "", screen, style: "bold" }),
    direction === "down" ? "" : heading("comes from", up, screen),
    ...draw(up, "", screen),
    direction === "up" ? "" : heading("led to", down, screen),
    ...draw(down, "", screen),
  );
}

function heading(title: string, branches: readonly Branch[], screen: Screen): string {
  return `${paint(screen, "cyan", title)}${branches.length === 0 ? "  nothing" : ""}`;
}

/** The graph as a tree from the subject: what several things share hangs on the first of them, and is only named at the others. */
function branchesOf({ nodes, edges, subject }: Lineage, way: "up" | "down"): readonly Branch[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const order = new Map(nodes.map((node, index) => [node.id, index]));
  const shown = new Set<string>();
  const below = (id: string): readonly Branch[] =>
    edges
      .filter((edge) => (way === "up" ? edge.target : edge.source) === id)
      .map((edge) => ({ ...edge, next: way === "up" ? edge.source : edge.target }))
      .sort((a, b) => (order.get(a.next) ?? 0) - (order.get(b.next) ?? 0))
      .flatMap(({ next, kind, role }) => {
        const node = byId.get(next);
        if (node === undefined) return [];
        const isRepeated = shown.has(next);
        shown.add(next);
        const branches = isRepeated ? [] : below(next);
        return [{ node, relation: role ?? kind, branches, isRepeated: isRepeated && hasMore(next) }];
      });
  const hasMore = (id: string) => edges.some((edge) => (way === "up" ? edge.target : edge.source) === id);
  return below(subject);
}

function draw(branches: readonly Branch[], lead: string, screen: Screen): readonly string[] {
  return branches.flatMap((branch, index) => {
    const isLast = index === branches.length - 1;
    const note = branch.isRepeated ? `${branch.relation}, see above` : branch.relation;
    return [
      line(branch.node, { lead: `${lead}${isLast ? "└─ " : "├─ "}`, relation: note, screen }),
      ...draw(branch.branches, `${lead}${isLast ? "   " : "│  "}`, screen),
    ];
  });
}

interface LineStyle {
  readonly lead: string;
  readonly relation: string;
  readonly screen: Screen;
  readonly style?: "bold";
}

/** Label, relation, place, digest, time; what doesn't fit is left out from the end, and the label cut last. */
function line(node: LineageNode, { lead, relation, screen, style }: LineStyle): string {
  const label = clip(plainLine(node.label), Math.max(8, screen.width - widthOf(lead)));
  const extras = [
    relation === "" ? "" : `(${relation})`,
    node.digest === null ? "" : node.digest.slice(0, 12),
    node.path === null ? "" : plainLine(node.path),
    node.time === null ? "" : localTime(node.time),
  ].filter((text) => text !== "");
  let text = "";
  for (const extra of extras) {
    if (widthOf(lead) + widthOf(label) + widthOf(text) + 2 + widthOf(extra) > screen.width) break;
    text += `  ${extra}`;
  }
  return `${lead}${style === undefined ? label : paint(screen, style, label)}${paint(screen, "dim", text)}`;
}
