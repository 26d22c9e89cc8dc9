import { readFileSync } from "node:fs";
import path from "node:path";
import type { Graph } from "./graph.ts";
import { calledOperations, implementedOperations } from "./operation-calls.ts";
import { zoneOf } from "./zones.ts";

/** Finds operations that no test of their area calls. */
export function untestedOperations(root: string, graph: Graph): readonly string[] {
  const read = (file: string) => readFileSync(path.join(root, file), "utf8");
  const files = [...graph.keys()].filter((file) => file.startsWith("src-core/areas/"));
  return files
    .filter((file) => /^src-core\/areas\/[a-z-]+\/ops\.ts$/.test(file))
    .flatMap((file) => {
      const area = path.posix.dirname(file);
      const tests = files.filter((it) => it.startsWith(`${area}/`) && zoneOf(it)?.name === "tests");
      const called = new Set(tests.flatMap((test) => [...calledOperations(test, read(test))]));
      return implementedOperations(file, read(file))
        .filter((id) => !called.has(id))
        .map(
          (id) =>
            `${id} isn't called in any test of ${area}: call it there, as ops["${id}"](…) or app.call("${id}", …).`,
        );
    });
}
