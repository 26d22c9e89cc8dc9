import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { Versioned } from "../../../contract/runs/stage-results.ts";
import type { Environment } from "../../../foundation/context.ts";
import { listOutputs } from "../dvc/outputs.ts";
import { openRepository, type Repository } from "../repository.ts";
import { type Added, addOutput } from "./add.ts";
import { statusOf } from "./status.ts";

/** The files that a run depends on; paths relative to the project, POSIX. */
export interface VersionTargets {
  /** The master table's files and the folders of its file columns. */
  readonly master: readonly string[];
  readonly split: string;
  readonly reference: string;
  /** False: it exists since an earlier run and must still match its record. */
  readonly isReferenceNew: boolean;
}

export interface VersionOptions {
  /** Of the caller, for calls of git. */
  readonly env?: Environment;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((progress: { done: number; total: number; path: string }) => void) | undefined;
  readonly workers?: number | undefined;
}

export interface VersionedTargets {
  readonly master: readonly Versioned[];
  readonly split: Versioned;
  readonly reference: Versioned;
}

/**
 * Puts them under DVC. Safe to kill at any point: running it again ends with the same bytes.
 * @throws versioning/*, files/*, splits/reference-changed
 */
export async function versionTargets(
  root: string,
  targets: VersionTargets,
  options: VersionOptions = {},
): Promise<VersionedTargets> {
  const repository = openRepository(root, options.env);
  const add = async (target: string): Promise<Versioned> => {
    const added = await addOutput(repository, inRepository(repository, root, target), {
      outputs: listOutputs(repository),
      signal: options.signal,
      workers: options.workers,
      onBytes: (done, total) => options.onBytes?.({ done, total, path: target }),
    });
    return versionedOf(repository, root, added);
  };
  const master: Versioned[] = [];
  for (const target of targets.master) master.push(await add(target));
  const split = await add(targets.split);
  if (!targets.isReferenceNew) await refuseChanged(repository, root, targets.reference);
  return { master, split, reference: await add(targets.reference) };
}

/** A reference test is recorded once: adding a changed one would record the change as if it were the reference. */
async function refuseChanged(repository: Repository, root: string, reference: string): Promise<void> {
  const wanted = inRepository(repository, root, reference);
  const output = listOutputs(repository).find((one) => one.path === wanted);
  if (!output || (await statusOf({ ...repository, stateDir: null }, output)) !== "modified") return;
  throw new AppError({
    code: "splits/reference-changed",
    message: `The reference test ${reference} doesn't match what ${output.dvcFile} records.`,
    hint: "Restore the recorded one, or create a new split version.",
    next: [nextStep("data.checkout", { paths: [reference], force: true }, "restores it")],
    details: { path: reference, recorded: output.hash },
  });
}

function inRepository(repository: Repository, root: string, target: string): string {
  return path.relative(repository.root, path.join(root, target)).split(path.sep).join("/");
}

function versionedOf(repository: Repository, root: string, { path: file, dvcFile, fact }: Added): Versioned {
  const inProject = (name: string) => path.relative(root, path.join(repository.root, name)).split(path.sep).join("/");
  return {
    path: inProject(file),
    dvcFile: inProject(dvcFile),
    hash: fact.hash,
    sizeBytes: fact.sizeBytes,
    files: fact.files ?? 1,
  };
}
