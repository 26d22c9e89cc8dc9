import { chmodSync, existsSync, lstatSync, mkdirSync, renameSync, rmdirSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import { fileError, fsyncFolder, removeLeftovers, temporaryPath } from "../../../foundation/files/durable.ts";
import { hasObject, missingObject, objectPath, readDirObject } from "../../../foundation/store/cache.ts";
import type { DirEntry } from "../../../foundation/store/dvc-dir.ts";
import { placeFile } from "../../../foundation/store/link.ts";
import { isFolderHash, type Output } from "../dvc/output.ts";
import { cacheOf, type Repository } from "../repository.ts";
import { hashContent } from "./content.ts";

export interface CheckoutOptions {
  /** Overwrite and delete files whose content isn't in the cache. */
  readonly isForced: boolean;
  readonly signal?: AbortSignal | undefined;
  /** Called after each restored file with the bytes it holds. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

export interface Restored {
  readonly path: string;
  readonly added: number;
  readonly replaced: number;
  readonly deleted: number;
}

/** By path relative to the output ("" for a file): the md5 of a content. */
type Contents = ReadonlyMap<string, string>;

interface Plan {
  readonly add: readonly string[];
  readonly replace: readonly string[];
  readonly remove: readonly string[];
}

/**
 * Restores an output in the work folder to what its record says, file by file, each atomically; a missing folder appears
 * whole. Everything is checked before anything is written.
 * @throws versioning/object-missing, versioning/would-overwrite, files/*
 */
export async function checkoutOutput(
  repository: Repository,
  output: Output,
  options: CheckoutOptions,
): Promise<Restored> {
  const none = { path: output.path, added: 0, replaced: 0, deleted: 0 };
  if (output.hash === null || !output.isCached) return none;
  const target = path.join(repository.root, output.path);
  removeLeftovers(path.dirname(target));
  const wanted = wantedContents(repository, output);
  const present = await presentContents(repository, output, options.signal);
  const plan = planCheckout(wanted, present);
  checkObjects(repository, output, { wanted, plan });
  if (!options.isForced) refuseLosses(repository, output, { present, plan });
  apply(repository, output, { wanted, plan, options });
  return { path: output.path, added: plan.add.length, replaced: plan.replace.length, deleted: plan.remove.length };
}

function wantedContents(repository: Repository, output: Output): Contents {
  const hash = output.hash ?? "";
  if (!isFolderHash(hash)) return new Map([["", hash]]);
  const entries = readDirObject(cacheOf(repository), hash, output.hashName);
  return new Map(entries.map(({ relpath, md5 }) => [relpath, md5]));
}

async function presentContents(repository: Repository, output: Output, signal?: AbortSignal): Promise<Contents> {
  const target = path.join(repository.root, output.path);
  if (!existsSync(target)) return new Map();
  const { fact, entries } = await hashContent(repository, {
    path: output.path,
    hashName: output.hashName,
    store: null,
    signal,
  });
  const files: readonly DirEntry[] = entries ?? [{ md5: fact.hash, relpath: "" }];
  return new Map(files.map(({ relpath, md5 }) => [relpath, md5]));
}

function planCheckout(wanted: Contents, present: Contents): Plan {
  const names = [...wanted.keys()];
  return {
    add: names.filter((name) => !present.has(name)),
    replace: names.filter((name) => present.has(name) && present.get(name) !== wanted.get(name)),
    remove: [...present.keys()].filter((name) => !wanted.has(name)),
  };
}

function checkObjects(
  repository: Repository,
  output: Output,
  { wanted, plan }: { wanted: Contents; plan: Plan },
): void {
  const cache = cacheOf(repository);
  for (const name of [...plan.add, ...plan.replace]) {
    const hash = wanted.get(name) ?? "";
    if (!hasObject(cache, hash, output.hashName)) throw missingObject(hash, cache, path.posix.join(output.path, name));
  }
}

/** Overwriting content that is in the cache loses nothing: only other content is refused, as in DVC. */
function refuseLosses(
  repository: Repository,
  output: Output,
  { present, plan }: { present: Contents; plan: Plan },
): void {
  const cache = cacheOf(repository);
  const lost = [...plan.replace, ...plan.remove]
    .filter((name) => !hasObject(cache, present.get(name) ?? "", output.hashName))
    .map((name) => path.posix.join(output.path, name));
  if (lost.length === 0) return;
  throw new AppError({
    code: "versioning/would-overwrite",
    message: `${lost[0]}${lost.length > 1 ? ` and ${lost.length - 1} more` : ""} changed since the last version; checking out ${output.path} would lose the change.`,
    hint: "Keep the change, or discard it with --force.",
    next: [nextStep("data.add", { paths: [output.path] }, "keeps it")],
    details: { path: output.path, files: lost.slice(0, 20), count: lost.length },
  });
}

interface Application {
  readonly wanted: Contents;
  readonly plan: Plan;
  readonly options: CheckoutOptions;
}

function apply(repository: Repository, output: Output, { wanted, plan, options }: Application): void {
  const target = path.join(repository.root, output.path);
  const isFolder = isFolderHash(output.hash ?? "");
  // A folder that isn't there yet is built elsewhere first, so that it is never visible half-restored.
  const isNewFolder = isFolder && !existsSync(target);
  const base = isNewFolder ? temporaryPath(target) : target;
  try {
    for (const name of plan.remove) removeFile(target, name);
    if (isFolder) mkdirSync(base, { recursive: true });
    for (const name of [...plan.add, ...plan.replace]) {
      options.signal?.throwIfAborted();
      const object = objectPath(cacheOf(repository), wanted.get(name) ?? "", output.hashName);
      const placement = { types: repository.config.linkTypes, isExecutable: output.isExecutable };
      placeFile(object, path.join(base, name), placement);
      options.onBytes?.(statSync(object).size);
    }
    if (isNewFolder) renameSync(base, target);
    else if (!isFolder) setExecutable(target, output.isExecutable);
    fsyncFolder(path.dirname(target));
  } catch (error) {
    if (isNewFolder) rmSync(base, { recursive: true, force: true });
    throw fileError(error, "restore", target);
  }
}

function setExecutable(file: string, isExecutable: boolean): void {
  const { mode } = lstatSync(file);
  if (isExecutable && (mode & 0o111) === 0) chmodSync(file, (mode & 0o777) | 0o100);
}

/** Deletes a file and the folders that become empty. */
function removeFile(target: string, name: string): void {
  rmSync(path.join(target, name), { force: true });
  for (let at = path.posix.dirname(name); at !== "." && at !== "/"; at = path.posix.dirname(at)) {
    try {
      rmdirSync(path.join(target, at));
    } catch {
      return; // not empty
    }
  }
}
