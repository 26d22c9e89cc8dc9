import { existsSync } from "node:fs";
import path from "node:path";
import type { SplitResult } from "../../contract/runs/stage-results.ts";
import type { Project, StageContext } from "../../foundation/context.ts";
import { type Duck, openDuck } from "../../foundation/duck/open.ts";
import { literal } from "../../foundation/duck/quote.ts";
import { fieldExpression } from "../../foundation/duck/table.ts";
import { temporaryPath } from "../../foundation/files/durable.ts";
import type { FrozenReference } from "../configs/freeze/frozen.ts";
import { timestampFeatures } from "./leaks/feature-leaks.ts";
import { checkFeatureTimes } from "./leaks/leak-checks.ts";
import { type LeakFinding, refuseLeaks } from "./leaks/leak-findings.ts";
import { splitMemoryBytes } from "./make/split-memory.ts";
import type { HashedMaster } from "./master/master-files.ts";
import { filesBelow } from "./reference/publish.ts";
import { type SplitPaths, splitPaths } from "./split-paths.ts";
import type { SplitRequest } from "./split-request.ts";

/** What the split needs of other areas; app.ts hands it over. */
export interface SplitStageDeps {
  /** Puts a missing reference test back from the DVC cache; false if it isn't there. */
  readonly restoreReference: (project: Project, file: string) => Promise<boolean>;
  /** What `configs/frozen.json` records of a split version's reference test. */
  readonly frozenReference: (project: Project, splitVersion: number) => FrozenReference | null;
  /** Records a new one there, in one write transaction of the catalogue. */
  readonly recordReference: (project: Project, splitVersion: number, reference: FrozenReference) => void;
  /**
   * Makes the split's files while nobody else reads or makes them; undefined where somebody else made them meanwhile, perhaps, and they are to
   * be looked at again. Absent where nobody else can be at work.
   */
  readonly makeAlone?: (make: () => Promise<SplitResult>) => Promise<SplitResult | undefined>;
}

export type SplitContext = Pick<StageContext, "core" | "project" | "configs" | "signal" | "report">;

/**
 * Runs `work` on a DuckDB within the project's limits on threads and memory, which reads `files` (the table) and the split's own, and
 * reaches nothing outside the project: people's SQL runs here, of a form that was checked before.
 */
export async function withDuck<T>(
  context: SplitContext,
  files: readonly string[],
  work: (duck: Duck) => Promise<T>,
): Promise<T> {
  const { project, configs, signal } = context;
  const { paths } = project;
  const at = splitPaths(paths, configs.split.version);
  // Checked out of a cache as links, they lie somewhere else.
  const sides = existsSync(at.folder) ? filesBelow(at.folder) : [];
  const own = [at.reference, ...sides.map((name) => path.join(at.folder, name))];
  const local = project.config.executors?.local;
  const memoryLimitBytes = local?.memory_gib === undefined ? splitMemoryBytes(files) : local.memory_gib * 2 ** 30;
  const duck = await openDuck({
    tempDirectory: temporaryPath(path.join(paths.cache, "split")),
    signal,
    files,
    confinedTo: {
      folders: [paths.root, paths.splits, path.dirname(at.reference), paths.cache],
      files: [...files, ...own],
    },
    ...(local?.threads === undefined ? {} : { threads: local.threads }),
    ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
  });
  try {
    return await work(duck);
  } finally {
    duck.close();
  }
}

export function requestOf(
  context: SplitContext,
  input: {
    readonly at: SplitPaths;
    readonly master: HashedMaster;
    readonly folder: string;
    readonly reference: SplitRequest["reference"];
  },
): SplitRequest {
  const { project, configs, signal, report } = context;
  return {
    root: project.paths.root,
    masterPath: project.config.master,
    master: input.master,
    contract: configs.dataContract,
    split: configs.split,
    folder: input.folder,
    reference: input.reference,
    names: input.at.names,
    signal,
    report,
  };
}

/**
 * Depends on the feature schema too, hence stands in no manifest and is checked by every run.
 * @throws splits/leakage
 */
export async function featureTimeFindings(
  context: SplitContext,
  files: Pick<SplitPaths, "folder" | "reference">,
): Promise<readonly LeakFinding[]> {
  const { split, dataContract, feature } = context.configs;
  const decisionTime = split.value.decision_time;
  const features = timestampFeatures(dataContract.value, feature.value);
  if (decisionTime === undefined || features.length === 0) return [];
  const checked = [path.join(files.folder, "train.parquet"), files.reference];
  return withDuck(context, [], async (duck) => {
    const described = await duck.rows(`DESCRIBE SELECT * FROM read_parquet(${literal(files.reference)})`);
    const names = new Set(described.map((row) => String(row.column_name)));
    const sqlOf = (name: string) => fieldExpression(names.has(name) ? [name] : name.split("."));
    const finding = await checkFeatureTimes(duck, {
      files: checked,
      decisionTime: sqlOf(decisionTime),
      features: features.map(sqlOf),
      accept: split.value.accept,
    });
    refuseLeaks([finding], split.path);
    return [finding];
  });
}
