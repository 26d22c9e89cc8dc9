import { appRoot } from "../src-core/foundation/files/entry-points.ts";
import { importCycles } from "./layers/cycles.ts";
import { readGraph } from "./layers/graph.ts";
import { importViolations } from "./layers/import-rules.ts";
import { shapeViolations, sizesOf } from "./layers/shape-rules.ts";

const graph = readGraph(appRoot);
const violations = [
  ...importViolations(graph),
  ...importCycles(graph).map((cycle) => `Import cycle: ${cycle}`),
  ...shapeViolations(graph),
];
for (const violation of violations) process.stderr.write(`${violation}\n`);
const { files, median, ninetiethPercentile, largest } = sizesOf(graph);
process.stdout.write(
  `${graph.size} modules; ${files} of production: median ${median} lines, 90 % up to ${ninetiethPercentile}, largest ${largest}\n`,
);
process.exitCode = violations.length > 0 ? 1 : 0;
