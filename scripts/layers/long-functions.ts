import { readFileSync } from "node:fs";
import path from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import type { Graph } from "./graph.ts";
import { zoneOf } from "./zones.ts";

const mostLines = 60;
const mostParameters = 3;

/** Finds functions of production code that are long or have many parameters: a hint for readers, not a failure. */
export function longFunctions(root: string, graph: Graph): readonly string[] {
  return [...graph.keys()]
    .filter((file) => /^(src-|workers\/)/.test(file) && zoneOf(file)?.name !== "tests")
    .flatMap((file) => longIn(file, readFileSync(path.join(root, file), "utf8")));
}

interface FunctionNode {
  readonly start: number;
  readonly end: number;
  readonly params: readonly unknown[];
  readonly id?: { readonly name: string } | null;
}

function longIn(file: string, source: string): readonly string[] {
  const found: string[] = [];
  const look = (node: FunctionNode) => {
    const lines = source.slice(node.start, node.end).split("\n").length;
    const line = source.slice(0, node.start).split("\n").length;
    const name = node.id?.name ?? "a function";
    if (lines > mostLines) found.push(`${file}:${line} ${name} has ${lines} lines.`);
    if (node.params.length > mostParameters)
      found.push(`${file}:${line} ${name} has ${node.params.length} parameters.`);
  };
  new Visitor({ FunctionDeclaration: look, FunctionExpression: look, ArrowFunctionExpression: look }).visit(
    parseSync(file, source).program,
  );
  return found;
}
