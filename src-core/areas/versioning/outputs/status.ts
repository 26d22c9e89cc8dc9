import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { hasObject, type ObjectStore, objectsFolder, readDirObject } from "../../../foundation/store/cache.ts";
import { hashContent } from "../cache/content.ts";
import { readState, storeStamp } from "../cache/state.ts";
import { isFolderHash, type Output } from "../dvc/output.ts";
import { cacheOf, type Repository } from "../repository.ts";
import { knownFact } from "./known-fact.ts";

/** In DVC's own words; "not in cache" takes precedence, because such data can't be restored. */
export type OutputStatus = "unchanged" | "modified" | "deleted" | "not in cache" | "new";

/** Compares one output with what its `.dvc` file or lock records; hashes only what changed since the last time. */
export async function statusOf(repository: Repository, output: Output, signal?: AbortSignal): Promise<OutputStatus> {
  const target = path.join(repository.root, output.path);
  if (output.hash !== null && output.isCached && !isInCache(repository, output)) return "not in cache";
  if (!existsSync(target)) return "deleted";
  if (output.hash === null) return "new";
  const known = output.hashName === "md5" ? await knownFact(repository, output.path) : null;
  const fact =
    known ??
    (await hashContent(repository, { path: output.path, hashName: output.hashName, store: null, signal })).fact;
  return fact.hash === output.hash ? "unchanged" : "modified";
}

function isInCache(repository: Repository, output: Output): boolean {
  const cache = cacheOf(repository);
  const hash = output.hash ?? "";
  const state = readState(repository.stateDir, output.path);
  const isRemembered = output.hashName === "md5" && state?.cacheStamp != null && state.fact.hash === hash;
  if (isRemembered && state.cacheStamp === storeStamp(objectsFolder(cache, "md5"))) return true;
  if (!hasObject(cache, hash, output.hashName)) return false;
  if (!isFolderHash(hash)) return true;
  const present = storedNames(cache, output);
  return readDirObject(cache, hash, output.hashName).every(({ md5 }) => present(md5));
}

/** Which objects a store lists: one lookup per prefix folder instead of one per object. */
function storedNames(store: ObjectStore, output: Output): (md5: string) => boolean {
  const objects = objectsFolder(store, output.hashName);
  const byPrefix = new Map<string, ReadonlySet<string>>();
  return (md5) => {
    const prefix = md5.slice(0, 2);
    let names = byPrefix.get(prefix);
    if (!names) {
      const folder = path.join(objects, prefix);
      names = new Set(existsSync(folder) ? readdirSync(folder) : []);
      byPrefix.set(prefix, names);
    }
    return names.has(md5.slice(2));
  };
}
