import { readFileSync } from "node:fs";
import path from "node:path";
import type { Graph } from "./graph.ts";
import { zoneOf } from "./zones.ts";

/** Finds operations that no test of their area names. */
export function untestedOperations(root: string, graph: Graph): readonly string[] {
  const sources = new Map<string, string>();
  const read = (file: string) => {
    const known = sources.get(file) ?? readFileSync(path.join(root, file), "utf8");
    sources.set(file, known);
    return known;
  };
  const files = [...graph.keys()].filter((file) => file.startsWith("src-core/areas/"));
  return files
    .filter((file) => /^src-core\/areas\/[a-z-]+\/ops\.ts$/.test(file))
    .flatMap((file) => {
      const area = path.posix.dirname(file);
      const tests = files.filter((it) => it.startsWith(`${area}/`) && zoneOf(it)?.name === "tests");
      const ids = [...read(file).matchAll(/^ {4}"([a-z]+\.[a-zA-Z]+)":/gm)].map(([, id = ""]) => id);
      return ids
        .filter((id) => !tests.some((test) => read(test).includes(`"${id}"`)))
        .map((id) => `${id} isn't called in any test of ${area}.`);
    });
}
