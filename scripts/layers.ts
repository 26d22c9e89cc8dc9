import { appRoot } from "../src-core/foundation/files/entry-points.ts";
import { circles } from "./layers/circles.ts";
import { importCycles } from "./layers/cycles.ts";
import { readGraph } from "./layers/graph.ts";
import { importViolations } from "./layers/import-rules.ts";
import { longFunctions } from "./layers/long-functions.ts";
import { untestedOperations } from "./layers/operation-tests.ts";
import { ownNodeViolations } from "./layers/own-node.ts";
import { zodViolations } from "./layers/runtime-reach.ts";
import { shapeViolations, sizesOf } from "./layers/shape-rules.ts";
import { tableReaderViolations } from "./layers/table-readers.ts";
import { tableViolations } from "./layers/tables.ts";

const graph = readGraph(appRoot);
const violations = [
  ...importViolations(graph),
  ...zodViolations(graph),
  ...importCycles(graph).map((cycle) => `Import cycle: ${cycle}`),
  ...circles(graph),
  ...shapeViolations(graph),
  ...tableViolations(appRoot, graph),
  ...tableReaderViolations(appRoot, graph),
  ...ownNodeViolations(appRoot, graph),
  ...untestedOperations(appRoot, graph),
];
for (const violation of violations) process.stderr.write(`${violation}\n`);
const { files, median, ninetiethPercentile, largest } = sizesOf(graph);
const long = longFunctions(appRoot, graph);
const report = [
  `${graph.size} modules; ${files} of production: median ${median} lines, 90 % up to ${ninetiethPercentile}, largest ${largest}`,
  `${long.length} functions of more than 60 lines or three parameters${long.length === 0 ? "" : ":"}`,
  ...long.map((line) => `  ${line}`),
];
// In one piece, because a reader such as `head` leaves in the middle.
process.stdout.write(`${report.join("\n")}\n`);
process.exitCode = violations.length > 0 ? 1 : 0;
