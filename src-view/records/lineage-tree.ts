import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { LineageNode } from "../../src-core/contract/lineage.ts";
import { localTime } from "../times.ts";

type Lineage = OperationOutput<"lineage.show">;

/** A line of the tree: its branch, its label, and remarks, the most important first. */
export interface TreeLine {
  /** Characters that draw the branch. */
  readonly branch: string;
  readonly label: string;
  readonly remarks: readonly string[];
}

export interface LineageTree {
  readonly subject: TreeLine;
  readonly ways: readonly { readonly title: string; readonly lines: readonly TreeLine[] }[];
}

interface Branch {
  readonly node: LineageNode;
  /** Relation to its parent. */
  readonly relation: string;
  readonly branches: readonly Branch[];
  /** True if its branches are already shown elsewhere. */
  readonly isRepeated: boolean;
}

/** Shapes lineage as a tree from its subject, in the requested directions. Undefined if the subject isn't among the nodes. */
export function lineageTree(output: Lineage): LineageTree | undefined {
  const { nodes, direction } = output;
  const subject = nodes.find((node) => node.id === output.subject);
  if (subject === undefined) return undefined;
  const up = { title: "comes from", lines: direction === "down" ? [] : draw(branchesOf(output, "up"), "") };
  const down = { title: "led to", lines: direction === "up" ? [] : draw(branchesOf(output, "down"), "") };
  return {
    subject: lineOf(subject, "", ""),
    ways: [...(direction === "down" ? [] : [up]), ...(direction === "up" ? [] : [down])],
  };
}

/** Builds a tree from the graph. A node with several parents is expanded below the first one and only named below the others. */
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

function draw(branches: readonly Branch[], lead: string): readonly TreeLine[] {
  return branches.flatMap((branch, index) => {
    const isLast = index === branches.length - 1;
    const note = branch.isRepeated ? `${branch.relation}, see above` : branch.relation;
    return [
      lineOf(branch.node, `${lead}${isLast ? "└─ " : "├─ "}`, note),
      ...draw(branch.branches, `${lead}${isLast ? "   " : "│  "}`),
    ];
  });
}

/** Returns the remarks: relation, digest, path, time. */
function lineOf(node: LineageNode, branch: string, relation: string): TreeLine {
  const remarks = [
    relation === "" ? "" : `(${relation})`,
    node.digest === null ? "" : node.digest.slice(0, 12),
    node.path ?? "",
    node.time === null ? "" : localTime(node.time),
  ];
  return { branch, label: node.label, remarks: remarks.filter((it) => it !== "") };
}
