import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { LineageNode } from "../../src-core/contract/lineage.ts";
import { localTime } from "../times.ts";

type Lineage = OperationOutput<"lineage.show">;

/** A thing in the tree: where it hangs, what it is, and what more may be said of it, the most important first. */
export interface TreeLine {
  /** Characters that draw its branch. */
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
  /** How it is related to what stands above it. */
  readonly relation: string;
  readonly branches: readonly Branch[];
  /** True where its own branches were shown before. */
  readonly isRepeated: boolean;
}

/** Lineage as a tree from its subject, up and down as far as was asked; undefined where the subject isn't among the nodes. */
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

/** Relation, digest, place, time. */
function lineOf(node: LineageNode, branch: string, relation: string): TreeLine {
  const remarks = [
    relation === "" ? "" : `(${relation})`,
    node.digest === null ? "" : node.digest.slice(0, 12),
    node.path ?? "",
    node.time === null ? "" : localTime(node.time),
  ];
  return { branch, label: node.label, remarks: remarks.filter((it) => it !== "") };
}
