import { readFileSync } from "node:fs";
import path from "node:path";
import { parseSync, Visitor } from "oxc-parser";
import type { Graph } from "./graph.ts";
import { zoneOf } from "./zones.ts";

/** What a person or another program of ours starts: it alone knows that the program it runs under is a Node. */
const entryFiles = /^(src-cli\/(main|start)\.ts|src-core\/wiring\/processes\/)/;

/**
 * Production modules that read `process.execPath`. In a desktop's processes that is no Node, so which one starts a program is handed on
 * from the entry file.
 */
export function ownNodeViolations(root: string, graph: Graph): readonly string[] {
  return [...graph.keys()]
    .filter((file) => /^(src-|workers\/)/.test(file) && zoneOf(file)?.name !== "tests" && !entryFiles.test(file))
    .filter((file) => namesExecPath(file, readFileSync(path.join(root, file), "utf8")))
    .map((file) => `${file} reads process.execPath: only an entry file does, and hands it on.`);
}

function namesExecPath(file: string, source: string): boolean {
  if (!source.includes("execPath")) return false;
  let isNamed = false;
  new Visitor({
    Identifier: ({ name }) => {
      isNamed ||= name === "execPath";
    },
  }).visit(parseSync(file, source).program);
  return isNamed;
}
