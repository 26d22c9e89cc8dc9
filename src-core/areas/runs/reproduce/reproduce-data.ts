import { existsSync } from "node:fs";
import path from "node:path";
import { AppError } from "../../../contract/errors.ts";
import type { SplitResult, StageResults } from "../../../contract/runs/stage-results.ts";
import { fileDigest } from "../../../foundation/files/digest.ts";
import { writeJsonDurable } from "../../../foundation/files/durable.ts";
import { type ProjectPaths, projectPaths } from "../../../foundation/files/paths.ts";
import type { ReproduceNeeds } from "../needs.ts";
import { readResults, runFolders } from "../record/record.ts";
import type { RunRow } from "../store.ts";
import { copyInto } from "./reproduce-project.ts";

interface DataRequest {
  readonly paths: ProjectPaths;
  /** Path in signalbox.yaml. */
  readonly master: string;
  readonly run: RunRow;
  readonly results: Pick<StageResults, "split"> & { readonly version?: StageResults["version"] | undefined };
  /** Absolute path of the scratch project. */
  readonly into: string;
  readonly signal: AbortSignal;
}

/**
 * Copies the table of a run into the scratch project: from the DVC cache if it has it, else from the project if it is still the same table.
 * @throws runs/not-comparable if neither has it
 */
export async function placeMaster(parts: ReproduceNeeds, request: DataRequest): Promise<void> {
  const { paths, run, results, into, signal } = request;
  const missing: string[] = [];
  for (const content of results.version?.master ?? []) {
    if (!(await parts.placeVersioned(paths.root, content, { folder: into, signal }))) missing.push(content.path);
  }
  if (results.version === undefined || missing.length > 0) await copyWorkFolder(parts, request, missing);
  const found = (await parts.masterOf(into, request.master)).sha256;
  if (found === results.split.masterSha256) return;
  throw new AppError({
    code: "runs/not-comparable",
    message: `The table of run #${run.number} (sha256 ${results.split.masterSha256.slice(0, 12)}…) is neither in the DVC cache nor in the project.`,
    hint: "Copy the DVC cache from where the run was made, or restore the old table, then reproduce the run.",
    details: { recorded: results.split.masterSha256, found, missing },
  });
}

async function copyWorkFolder(
  parts: ReproduceNeeds,
  { paths, master, into, results }: DataRequest,
  missing: readonly string[],
): Promise<void> {
  const inProject = (file: string) => path.relative(paths.root, file).split(path.sep).join("/");
  const files = (await parts.masterOf(paths.root, master)).files.map(inProject);
  for (const name of files) if (!existsSync(path.join(into, name))) copyInto(paths.root, name, into);
  const folders = missing.filter((name) => !files.includes(name));
  if (folders.length === 0) return;
  throw new AppError({
    code: "versioning/object-missing",
    message: `The DVC cache doesn't have ${folders.join(", ")} in the version of the run (split ${results.split.splitVersion}).`,
    hint: "Copy the DVC cache from where the run was made, then reproduce the run.",
    details: { paths: folders },
  });
}

/**
 * Reads what wrote the split of a run (format of the writer, DuckDB) from its manifest: that of the project if it is unchanged, else that in
 * the DVC cache. Null if neither has it.
 */
export async function splitWriter(
  parts: ReproduceNeeds,
  { paths, results, signal }: Pick<DataRequest, "paths" | "results" | "signal">,
  aside: string,
): Promise<string | null> {
  const { manifest } = results.split;
  const isRecorded = (file: string) => existsSync(file) && fileDigest(file) === manifest.sha256;
  const here = path.join(paths.root, manifest.path);
  if (isRecorded(here)) return await parts.splitWriterOf(here);
  if (results.version === undefined) return null;
  await parts.placeVersioned(paths.root, results.version.split, { folder: aside, signal });
  const old = path.join(aside, manifest.path);
  return isRecorded(old) ? await parts.splitWriterOf(old) : null;
}

/**
 * Copies a reference test that was frozen on an earlier table, because its rows can't be found in a later one. A reference test from this
 * table is made again.
 * @returns true if it was copied
 */
export async function placeFrozenReference(parts: ReproduceNeeds, request: DataRequest): Promise<boolean> {
  const { paths, results, into, signal } = request;
  const { split, version } = results;
  if (isMadeFromThisTable(paths, split)) return false;
  const { path: name, sha256, rowDigest, rows } = split.sharedReference ?? split.reference;
  const isPlaced =
    version !== undefined && (await parts.placeVersioned(paths.root, version.reference, { folder: into, signal }));
  if (!isPlaced) copyInto(paths.root, name, into);
  if (fileDigest(path.join(into, name)) !== sha256) {
    throw new AppError({
      code: "runs/not-comparable",
      message: `The reference test of split v${split.splitVersion} that this run read is neither in the DVC cache nor in the project.`,
      hint: "Copy the DVC cache from where the run was made, or restore the file, then reproduce the run.",
      details: { file: name, sha256 },
    });
  }
  writeJsonDurable(projectPaths(into).frozenFile, {
    version: 1,
    configs: { data_contract: {}, split: {}, feature: {}, model: {} },
    references: {
      [String(split.splitVersion)]: { sha256, row_digest: rowDigest, rows, ...(split.first && { first: split.first }) },
    },
  });
  return true;
}

function isMadeFromThisTable(paths: ProjectPaths, split: SplitResult): boolean {
  if (split.isReferenceNew) return true;
  return runFolders(paths.runs).some((name) => {
    const other = readResults(path.join(paths.runs, name)).split;
    return (
      // Another manifest may have the same reference, if the table grew or another DuckDB wrote the rest.
      other?.isReferenceNew === true && other.manifest.sha256 === split.manifest.sha256
    );
  });
}
