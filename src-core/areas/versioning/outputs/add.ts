import { existsSync } from "node:fs";
import path from "node:path";
import { readText, removeLeftovers, writeFileDurable } from "../../../foundation/files/durable.ts";
import { cleanStore, objectPath, objectsFolder, writeObject } from "../../../foundation/store/cache.ts";
import { isPlaced, linkObjects, placeFile } from "../../../foundation/store/link.ts";
import { type Content, hashContent } from "../cache/content.ts";
import { readState, storeStamp } from "../cache/state.ts";
import { dvcFileText, updateDvcFile } from "../dvc/dvc-file.ts";
import type { ContentFact, Output } from "../dvc/output.ts";
import { isGitIgnored } from "../git.ts";
import { ignoreInGit } from "../gitignore.ts";
import { cacheOf, type Repository } from "../repository.ts";
import { checkAddable } from "./add-checks.ts";
import { knownFact } from "./known-fact.ts";

export interface AddOptions {
  /** What the repository already records. */
  readonly outputs: readonly Output[];
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
  readonly workers?: number | undefined;
}

export interface Added {
  readonly path: string;
  readonly dvcFile: string;
  readonly fact: ContentFact;
  /** False if everything was there already. */
  readonly isChanged: boolean;
}

/**
 * Puts a file or folder under DVC: objects go into the cache, then the `.gitignore` entry, then the `.dvc` file. Each step
 * is atomic and repeatable, so that a run after a kill ends with the same files.
 * @param target relative to the repository's root, POSIX
 * @throws files/*, versioning/overlap, versioning/tracked-by-git, versioning/inside-ignored
 */
export async function addOutput(repository: Repository, target: string, options: AddOptions): Promise<Added> {
  const file = path.join(repository.root, target);
  removeLeftovers(path.dirname(file));
  const recorded = options.outputs.find((output) => output.path === target);
  const dvcFile = recorded?.dvcFile ?? `${target}.dvc`;
  checkAddable(repository, target, { recorded, dvcFile, outputs: options.outputs });
  const unchanged = await unchangedFact(repository, recorded);
  if (unchanged) return { path: target, dvcFile, fact: unchanged, isChanged: false };
  const cache = cacheOf(repository);
  cleanStore(cache);
  const content = await storeContent(repository, target, options);
  relink(repository, target, content);
  const isIgnoreChanged = ignoreInGit(repository, target);
  const isFileChanged = writeDvcFile(repository, dvcFile, { target, fact: content.fact });
  return { path: target, dvcFile, fact: content.fact, isChanged: isIgnoreChanged || isFileChanged };
}

async function storeContent(repository: Repository, target: string, options: AddOptions): Promise<Content> {
  const { signal, onBytes, workers } = options;
  const request = { path: target, hashName: "md5", signal, onBytes, workers } as const;
  const store = cacheOf(repository);
  if (repository.config.linkTypes[0] === "hardlink") {
    const content = await hashContent(repository, { ...request, store: null });
    const files = (content.entries ?? [{ md5: content.fact.hash, relpath: "" }]).map(({ md5, relpath }) => ({
      file: path.join(repository.root, target, relpath),
      md5,
    }));
    if (linkObjects(store, files)) {
      if (content.listing !== null) writeObject(store, content.fact.hash, content.listing);
      return content;
    }
  }
  return hashContent(repository, { ...request, store });
}

/** The recorded fact, if file and cache are known to be unchanged since they were written. */
async function unchangedFact(repository: Repository, recorded: Output | undefined): Promise<ContentFact | null> {
  if (recorded?.hashName !== "md5") return null;
  const fact = await knownFact(repository, recorded.path);
  const state = readState(repository.stateDir, recorded.path);
  if (fact === null || fact.hash !== recorded.hash || fact.isExecutable !== recorded.isExecutable) return null;
  if (fact.sizeBytes !== recorded.sizeBytes || fact.files !== recorded.files) return null;
  const { gitRoot, root, env } = repository;
  const isIgnored = gitRoot === null || isGitIgnored(gitRoot, path.join(root, recorded.path), env);
  const stamp = storeStamp(objectsFolder(cacheOf(repository), "md5"));
  return state?.cacheStamp === stamp && isIgnored ? fact : null;
}

/** If links are configured, the work folder's files become links to the cache; otherwise they stay untouched. */
function relink(repository: Repository, target: string, { fact, entries }: Content): void {
  const { linkTypes: types } = repository.config;
  if (types[0] === "reflink" || types[0] === "copy") return;
  const cache = cacheOf(repository);
  const files = entries ?? [{ md5: fact.hash, relpath: "" }];
  for (const { md5, relpath } of files) {
    const object = objectPath(cache, md5, "md5");
    const file = path.join(repository.root, target, relpath);
    if (isPlaced(object, file, types[0])) continue;
    placeFile(object, file, { types, isExecutable: fact.isExecutable });
  }
}

function writeDvcFile(
  repository: Repository,
  dvcFile: string,
  { target, fact }: { target: string; fact: ContentFact },
): boolean {
  const file = path.join(repository.root, dvcFile);
  const before = existsSync(file) ? readText(file) : null;
  const after = before === null ? dvcFileText(path.basename(target), fact) : updateDvcFile(before, dvcFile, fact);
  if (after !== before) writeFileDurable(file, after);
  return after !== before;
}
