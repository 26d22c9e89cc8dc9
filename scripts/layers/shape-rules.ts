import type { Graph } from "./graph.ts";
import { zoneOf } from "./zones.ts";

const bars = { median: 80, ninetiethPercentile: 250, largest: 400, worker: 40, folder: 40 };
const onlyBarrel = "src-core/contract/index.ts";
/** "data" isn't among them because of `signalbox data`. */
const forbiddenWords = /(^|-)(manager|service|helper|util|handler|info)s?(-|\.)/;

export interface Sizes {
  readonly files: number;
  readonly median: number;
  readonly ninetiethPercentile: number;
  readonly largest: number;
}

const production = (graph: Graph) => [...graph.values()].filter(({ file }) => zoneOf(file)?.name !== "tests");

/** Measures the lines of production modules; the p-th percentile is the smallest size that p % of the files don't exceed. */
export function sizesOf(graph: Graph): Sizes {
  const lines = production(graph)
    .map((module) => module.lines)
    .sort((a, b) => a - b);
  const at = (share: number) => lines[Math.max(0, Math.ceil(lines.length * share) - 1)] ?? 0;
  return { files: lines.length, median: at(0.5), ninetiethPercentile: at(0.9), largest: at(1) };
}

/** Checks sizes of files and folders, names and barrels. */
export function shapeViolations(graph: Graph): readonly string[] {
  const sizes = sizesOf(graph);
  const found: string[] = [];
  if (sizes.files === 0) found.push("There are no modules to check: the rule reads the wrong folder.");
  for (const bar of ["median", "ninetiethPercentile"] as const)
    if (sizes[bar] > bars[bar])
      found.push(`The ${bar} of the files' lines is ${sizes[bar]}; the limit is ${bars[bar]}.`);
  for (const [folder, files] of filesByFolder(graph))
    if (files > bars.folder)
      found.push(`${folder} has ${files} files; the limit is ${bars.folder}. Divide it into rooms by topic.`);
  for (const { file, lines, isBarrel } of production(graph)) {
    const name = file.split("/").at(-1) ?? "";
    const most = file.startsWith("workers/") ? bars.worker : bars.largest;
    if (lines > most) found.push(`${file} has ${lines} lines; the limit is ${most}.`);
    if ((isBarrel || name === "index.ts") && file !== onlyBarrel)
      found.push(`${file} is a barrel; only ${onlyBarrel} may be one.`);
    if (!/^[a-z0-9-]+(\.config)?\.(m?ts|mjs)$|\.tsx$/.test(name)) found.push(`${file} isn't in kebab-case.`);
    if (forbiddenWords.test(name))
      found.push(`${file} has ${forbiddenWords.exec(name)?.[2]} in its name: say what it does instead.`);
  }
  return found;
}

/** The number of modules in each folder, tests included. */
function filesByFolder(graph: Graph): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const file of graph.keys()) {
    const folder = file.slice(0, file.lastIndexOf("/"));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return counts;
}
