import { globSync } from "node:fs";
import path from "node:path";
import { nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { SplitResult, VersionResult } from "../../contract/runs/stage-results.ts";
import type { StageContext, StageCore } from "../../foundation/context.ts";
import { compareCodePoints } from "../../foundation/text/code-points.ts";
import { splitPaths } from "../splits/split-paths.ts";
import { listOutputs } from "./dvc/outputs.ts";
import { fileColumns, foldersOf, readFileColumns } from "./outputs/file-columns.ts";
import { type VersionTargets, versionTargets } from "./outputs/version-targets.ts";
import { pushOutputs } from "./remote/sync.ts";
import { openRepository } from "./repository.ts";

/** Puts the files that a run depends on under DVC: the master table with its files, the split, and the reference test. */
export async function versionStage(context: VersionContext): Promise<VersionResult> {
  const { project, report, signal } = context;
  const targets = await targetsOf(context);
  const versioned = await versionTargets(project.paths.root, targets, {
    env: context.core.env,
    signal,
    onBytes: ({ done, total, path: file }) => report({ stage: "version", done, total, unit: "bytes", message: file }),
  });
  if (context.options.push) await push(context);
  return { ...versioned, master: [...versioned.master], pushed: context.options.push };
}

/** What is read of a stage's context. */
type VersionContext = Pick<StageContext, "options" | "report" | "runId" | "signal"> & {
  readonly core: Pick<StageCore, "env">;
  readonly project: { readonly paths: StageContext["project"]["paths"]; readonly config: { readonly master: string } };
  readonly configs: {
    readonly dataContract: { readonly value: Pick<StageContext["configs"]["dataContract"]["value"], "columns"> };
  };
  readonly results: { readonly split?: Pick<SplitResult, "splitVersion" | "isReferenceNew"> | undefined };
};

/** `run --push`: to each output's own remote, else the default one. @throws versioning/no-remote if there is none */
async function push({ core, project, report, signal }: VersionContext): Promise<void> {
  const repository = openRepository(project.paths.root, core.env);
  await pushOutputs(repository, {
    outputs: listOutputs(repository),
    env: core.env,
    signal,
    onBytes: (done, total) => report({ stage: "version", done, total, unit: "bytes", message: "pushing" }),
  });
}

async function targetsOf(context: VersionContext): Promise<VersionTargets> {
  const { project, results, configs, signal } = context;
  const { split } = results;
  if (!split) {
    throw new AppError({
      code: "runs/stage-blocked",
      message: "The version stage needs the split stage's result, and this run doesn't have it.",
      next: [nextStep("runs.stage", { name: "split", run: context.runId }, "makes it")],
      details: { runId: context.runId },
    });
  }
  const { root, cache } = project.paths;
  const at = splitPaths(project.paths, split.splitVersion);
  const tables = masterTables(root, project.config.master);
  const files = await readFileColumns({
    master: tables.map((table) => path.join(root, table)),
    columns: fileColumns(configs.dataContract.value),
    tempDirectory: path.join(cache, `version-${process.pid}`),
    signal,
  });
  return {
    master: [...tables, ...foldersOf(files)],
    // For a job of a plan, the result names the job's own rows; what is versioned is the split they come from.
    split: at.names.folder,
    reference: at.names.reference,
    isReferenceNew: split.isReferenceNew,
  };
}

/** The master table's files relative to the project: the one named, or the Parquet files of a glob. */
function masterTables(root: string, master: string): readonly string[] {
  if (!/[*?[\]{}]/.test(master)) return [path.posix.normalize(master)];
  return globSync(master, { cwd: root })
    .filter((file) => /\.(parquet|pq)$/i.test(file))
    .map((file) => file.split(path.sep).join("/"))
    .toSorted(compareCodePoints);
}
