import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import type { DataContract } from "../../contract/configs/data-contract.ts";
import type { StageContext } from "../../foundation/context.ts";
import { type Duck, openDuck } from "../../foundation/duck/open.ts";
import { parquetSql } from "../../foundation/duck/read-sql.ts";
import { fieldExpression } from "../../foundation/duck/table-columns.ts";
import { planForColumns } from "../../foundation/duck/wide-tables.ts";
import { temporaryPath } from "../../foundation/files/durable.ts";
import { timestampFeatures } from "./leaks/feature-leaks.ts";
import { checkFeatureTimes } from "./leaks/leak-checks.ts";
import { type LeakFinding, refuseLeaks } from "./leaks/leak-verdict.ts";
import { computedFeatures, computedTarget, refuseLostValues } from "./lost-values.ts";
import { splitMemoryBytes } from "./make/split-memory.ts";
import type { HashedMaster } from "./master/master-files.ts";
import type { SplitsCore } from "./needs.ts";
import { filesBelow } from "./reference/publish.ts";
import { type SplitPaths, splitPaths } from "./split-paths.ts";
import type { SplitRequest } from "./split-request.ts";

/** What a split is made from. */
export type SplitScope = Pick<StageContext, "project" | "configs" | "signal" | "report" | "place" | "node">;

/** A split that is recorded. */
export interface SplitContext extends SplitScope {
  readonly core: Pick<SplitsCore, "configs" | "versioning">;
}

/**
 * Runs `work` on a DuckDB within the project's limits on threads and memory. It can read `files` (the table) and the split's
 * own files, and nothing outside the project: SQL that people wrote runs here, in a form that was checked before.
 */
export async function withDuck<T>(
  context: SplitScope,
  files: readonly string[],
  work: (duck: Duck) => Promise<T>,
): Promise<T> {
  const { project, configs, signal, place } = context;
  const { paths } = project;
  const at = splitPaths(paths, configs.split.version);
  // When they are links into a cache, the files themselves are elsewhere.
  const sides = existsSync(at.folder) ? filesBelow(at.folder) : [];
  const own = [at.reference, ...sides.map((name) => path.join(at.folder, name))];
  const local = project.config.executors?.local;
  const { memoryBytes } = await place.capacity();
  const columns = Object.keys(configs.dataContract.value.columns).length;
  const threads = local?.threads ?? availableParallelism();
  const memoryLimitBytes =
    local?.memory_gib === undefined
      ? splitMemoryBytes(files, { columns, threads, machineBytes: memoryBytes })
      : local.memory_gib * 2 ** 30;
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
    await planForColumns(duck, columns);
    return await work(duck);
  } finally {
    duck.close();
  }
}

/** True for a target whose values are names of classes. `Yes` and `yes` are one truth value. */
function isNamed({ task, target }: SplitScope["project"]["config"], contract: DataContract): boolean {
  return task !== "regression" && contract.columns[target]?.type !== "bool";
}

export function requestOf(
  context: SplitScope,
  input: {
    readonly at: SplitPaths;
    readonly master: HashedMaster;
    readonly folder: string;
    readonly reference: SplitRequest["reference"];
  },
): SplitRequest {
  const { project, configs, signal, report, node } = context;
  return {
    root: project.paths.root,
    masterPath: project.config.master,
    master: input.master,
    contract: configs.dataContract,
    split: configs.split,
    codes: [
      ...(isNamed(project.config, configs.dataContract.value) ? [project.config.target] : []),
      ...(project.config.segments === undefined ? [] : [project.config.segments.column]),
    ],
    folder: input.folder,
    reference: input.reference,
    names: input.at.names,
    signal,
    report,
    node,
  };
}

/**
 * Checks that depend on the feature schema too, so they aren't in the manifest and every run makes them. The target is checked once, when the
 * split is made.
 * @throws splits/leakage, splits/contract-violated
 */
export async function checkFeatureValues(
  context: SplitScope,
  files: Pick<SplitPaths, "folder" | "reference"> & { readonly isNew: boolean },
): Promise<readonly LeakFinding[]> {
  const { split, dataContract, feature } = context.configs;
  const decisionTime = split.value.decision_time;
  const features = timestampFeatures(dataContract.value, feature.value);
  const computed = [
    ...computedFeatures(dataContract.value, feature),
    ...(files.isNew ? computedTarget(dataContract.value, context.project.config.task) : []),
  ];
  const hasTimes = decisionTime !== undefined && features.length > 0;
  if (!hasTimes && computed.length === 0) return [];
  return withDuck(context, [], async (duck) => {
    const described = await duck.rows(`DESCRIBE SELECT * FROM ${parquetSql(files.reference)}`);
    const names = new Set(described.map((row) => String(row.column_name)));
    const sqlOf = (name: string) => fieldExpression(names.has(name) ? [name] : name.split("."));
    const sides = filesBelow(files.folder).filter((name) => name.endsWith(".parquet"));
    const tables = [files.reference, ...sides.map((name) => path.join(files.folder, name))];
    await refuseLostValues(duck, { tables, columns: computed, sqlOf, contract: dataContract.value });
    if (!hasTimes) return [];
    const finding = await checkFeatureTimes(duck, {
      files: [path.join(files.folder, "train.parquet"), files.reference],
      decisionTime: sqlOf(decisionTime),
      features: features.map(sqlOf),
      accept: split.value.accept,
    });
    await refuseLeaks([finding], split.path, async () => []);
    return [finding];
  });
}
