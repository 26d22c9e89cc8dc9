import type { LineageNode } from "../../contract/lineage.ts";
import type { Lineage } from "./graph.ts";

/** Renders a graph in the languages of other programs. Names are user input and must stay strings, whatever they contain. */

/** Renders DOT for Graphviz. In a quoted string, only the quote and the backslash are special. */
export function dotOf({ nodes, edges }: Lineage, subject: string): string {
  const lines = nodes.map((node) => {
    const style = node.id === subject ? ", penwidth=2" : "";
    return `  ${dotText(node.id)} [label=${dotText(linesOf(node).join("\n"))}, shape=${shapes[node.kind]}${style}];`;
  });
  const arrows = edges.map(
    ({ source, target, kind, role }) =>
      `  ${dotText(source)} -> ${dotText(target)} [label=${dotText(role === null ? kind : `${kind} (${role})`)}];`,
  );
  return ["digraph lineage {", "  rankdir=LR;", '  node [fontname="sans-serif"];', ...lines, ...arrows, "}"].join("\n");
}

function dotText(text: string): string {
  return `"${oneLine(text).replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

/** PROV draws entities as ellipses and activities as boxes. */
const shapes: Readonly<Record<LineageNode["kind"], string>> = {
  master: "cylinder",
  config: "note",
  split: "ellipse",
  train: "ellipse",
  reference: "ellipse",
  optional: "ellipse",
  run: "box",
  model: "ellipse",
  decision: "box",
  rollback: "box",
  override: "box",
};

/** Renders a Mermaid flowchart. Nodes get new ids. In labels, every character that Mermaid or HTML could interpret is written as its number. */
export function mermaidOf({ nodes, edges }: Lineage, subject: string): string {
  const ids = new Map(nodes.map((node, index) => [node.id, `n${index}`]));
  const lines = nodes.map((node) => {
    const label = linesOf(node).map(mermaidText).join("<br/>");
    const isActivity = shapes[node.kind] === "box";
    return `  ${ids.get(node.id)}${isActivity ? `["${label}"]` : `(["${label}"])`}`;
  });
  const arrows = edges.map(
    ({ source, target, kind, role }) =>
      `  ${ids.get(source)} -->|"${mermaidText(role === null ? kind : `${kind}: ${role}`)}"| ${ids.get(target)}`,
  );
  const marked = ids.get(subject);
  return [
    "flowchart LR",
    ...lines,
    ...arrows,
    ...(marked === undefined ? [] : [`  style ${marked} stroke-width:3px`]),
  ].join("\n");
}

function mermaidText(text: string): string {
  return oneLine(text).replace(/[^\p{L}\p{N} ._:/@+-]/gu, (sign) => `#${sign.codePointAt(0)};`);
}

const oneLine = (text: string): string => text.replace(/(?!\n)\p{Cc}/gu, " ");

function linesOf({ label, digest, path }: LineageNode): readonly string[] {
  const place = path === null ? [] : [path];
  return [label, ...place, ...(digest === null ? [] : [digest.slice(0, 12)])].map((line) => line.replaceAll("\n", " "));
}
