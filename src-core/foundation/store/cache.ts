import { spawn } from "node:child_process";
import {
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import { fileDigest } from "../files/digest.ts";
import { fileError, fsyncFile, fsyncFolder, removeLeftovers, temporaryPath } from "../files/durable.ts";
import { type DirEntry, parseDir } from "./dvc-dir.ts";
import { type HashName, objectMode, type Staging } from "./store-files.ts";

/** A store of objects in DVC's layout: the cache, or a remote that is a folder. */
export interface ObjectStore {
  /** Absolute; holds `files/md5` and, for DVC 2.x, `<2>/<30>` directly. */
  readonly folder: string;
  readonly isShared: boolean;
}

/** Number of objects above which one flush of the file system is cheaper than an fsync of each. */
const flushTogether = 32;

export function objectsFolder(store: ObjectStore, hashName: HashName): string {
  return hashName === "md5" ? path.join(store.folder, "files", "md5") : store.folder;
}

export function objectPath(store: ObjectStore, hash: string, hashName: HashName): string {
  return path.join(objectsFolder(store, hashName), hash.slice(0, 2), hash.slice(2));
}

const plainFolderMode = 0o777;

function folderMode(store: ObjectStore): number {
  return store.isShared ? 0o2775 : plainFolderMode;
}

export function makeFolder(store: ObjectStore, folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(store, path.dirname(folder));
  try {
    mkdirSync(folder);
    // mkdir is subject to the umask and drops the set-group bit.
    if (store.isShared) chmodSync(folder, folderMode(store));
  } catch (error) {
    if (!existsSync(folder)) throw fileError(error, "create", folder);
  }
}

/** Deletes what a killed process left in staging. */
export function cleanStore(store: ObjectStore): void {
  removeLeftovers(path.join(store.folder, "files"));
}

/** Runs `work` with a private staging folder beside the objects; always removes it. */
export async function withStaging<T>(store: ObjectStore, work: (staging: Staging) => Promise<T>): Promise<T> {
  const objects = objectsFolder(store, "md5");
  const folder = temporaryPath(objects);
  try {
    makeFolder(store, objects);
    mkdirSync(folder);
    return await work({ folder, objects, folderMode: folderMode(store), canReflink: canReflink(folder) });
  } catch (error) {
    throw fileError(error, "write to the cache", folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function canReflink(folder: string): boolean {
  const [from, to] = [path.join(folder, "probe"), path.join(folder, "probe-copy")];
  try {
    writeFileSync(from, "probe");
    copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(from, { force: true });
    rmSync(to, { force: true });
  }
}

/** Moves one finished file of the staging to its object's name; an object of mode 0444 is kept. */
export function adoptFile(store: ObjectStore, staged: string, hash: string): void {
  const object = objectPath(store, hash, "md5");
  if (hasTrusted(object)) {
    rmSync(staged, { force: true });
    return;
  }
  makeFolder(store, path.dirname(object));
  renameSync(staged, object);
  fsyncFolder(path.dirname(object));
}

/** The small objects of a staging: the names in it, by prefix folder. */
export type Staged = ReadonlyMap<string, readonly string[]>;

/** Number of objects above which it pays to start flushing while the rest is still copied. */
const flushHalfway = 5_000;

/**
 * Call it with the number of bytes copied. Halfway, the disk starts to write while the processors still hash. It
 * guarantees nothing; `flushStaged` does.
 */
export function earlyFlush(
  staging: Staging,
  expected: { readonly files: number; readonly bytes: number },
): (copiedBytes: number) => void {
  let isDue = expected.files >= flushHalfway;
  return (copiedBytes) => {
    if (!isDue || copiedBytes * 2 < expected.bytes) return;
    isDue = false;
    void succeeds("sync", ["-f", staging.folder]);
  };
}

/** Flushes a staging's small objects to the disk: DVC would trust an empty object of mode 0444 after a power cut. */
export async function flushStaged(staging: Staging): Promise<Staged> {
  const prefixes = readdirSync(staging.folder).filter((name) => name.length === 2);
  const staged = new Map(prefixes.map((prefix) => [prefix, readdirSync(path.join(staging.folder, prefix))] as const));
  const count = [...staged.values()].reduce((sum, names) => sum + names.length, 0);
  // On Linux, sync accepts a file system; elsewhere the option fails and each file is flushed.
  if (count >= flushTogether && (await succeeds("sync", ["-f", staging.folder]))) return staged;
  for (const [prefix, names] of staged) {
    for (const name of names) sealObject(path.join(staging.folder, prefix, name));
    fsyncFolder(path.join(staging.folder, prefix));
  }
  return staged;
}

function succeeds(command: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "ignore" });
    child.on("error", () => resolve(false));
    child.on("exit", (code) => resolve(code === 0));
  });
}

/**
 * Moves what `flushStaged` wrote to the disk to the objects' names. Folders are flushed after all renames, so that the
 * file system writes its journal once and not once per folder.
 */
export function adoptStaged(staging: Staging, staged: Staged): void {
  const added: string[] = [];
  for (const [prefix, names] of staged) {
    const [from, to] = [path.join(staging.folder, prefix), path.join(staging.objects, prefix)];
    if (adoptFolder(staging, from, to)) continue;
    for (const name of names) renameSync(path.join(from, name), path.join(to, name));
    added.push(to);
  }
  for (const folder of added) fsyncFolder(folder);
  if (staged.size > 0) fsyncFolder(staging.objects);
}

/** Moves a whole folder in one rename, if the store doesn't have it yet. */
function adoptFolder(staging: Staging, staged: string, target: string): boolean {
  if (existsSync(target)) return false;
  if (staging.folderMode !== plainFolderMode) chmodSync(staged, staging.folderMode);
  try {
    renameSync(staged, target);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  }
}

/** Flushes a copy and sets the mode of objects. */
export function sealObject(file: string): void {
  chmodSync(file, 0o644);
  fsyncFile(file);
  chmodSync(file, objectMode);
}

/** Writes an object whose bytes are in memory (a folder's listing). */
export function writeObject(store: ObjectStore, hash: string, text: string): void {
  const object = objectPath(store, hash, "md5");
  if (hasTrusted(object)) return;
  makeFolder(store, path.dirname(object));
  const staged = temporaryPath(path.join(store.folder, "files", "object"));
  try {
    writeFileSync(staged, text, { flag: "wx" });
    fsyncFile(staged);
    chmodSync(staged, objectMode);
    renameSync(staged, object);
    fsyncFolder(path.dirname(object));
  } catch (error) {
    rmSync(staged, { force: true });
    throw fileError(error, "write", object);
  }
}

function hasTrusted(object: string): boolean {
  const stats = lstatSync(object, { throwIfNoEntry: false });
  return stats !== undefined && (stats.mode & 0o777) === objectMode;
}

/**
 * Whether the store holds an intact object. As in DVC, mode 0444 is trusted; an object of another mode is hashed, then
 * protected or, if its hash is wrong, deleted.
 */
export function hasObject(store: ObjectStore, hash: string, hashName: HashName): boolean {
  const object = objectPath(store, hash, hashName);
  const stats = lstatSync(object, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  if ((stats.mode & 0o777) === objectMode || hashName !== "md5") return true;
  if (fileDigest(object, "md5") === hash.slice(0, 32)) {
    chmodSync(object, objectMode);
    return true;
  }
  rmSync(object, { force: true });
  return false;
}

/**
 * Lists the files of a versioned folder.
 * @throws versioning/object-missing, versioning/object-corrupt
 */
export function readDirObject(store: ObjectStore, hash: string, hashName: HashName): readonly DirEntry[] {
  const object = objectPath(store, hash, hashName);
  if (!hasObject(store, hash, hashName)) throw missingObject(hash, store);
  try {
    return parseDir(readFileSync(object, "utf8"), object);
  } catch (error) {
    throw fileError(error, "read", object);
  }
}

export function missingObject(hash: string, store: ObjectStore, file?: string): AppError {
  return new AppError({
    code: "versioning/object-missing",
    message: `${file ? `${file} can't be restored: its` : "The"} content ${hash} isn't in ${store.folder}.`,
    hint: "Fetch it, or restore the cache from a backup.",
    next: [nextStep("data.status", {}, "shows what brings it back")],
    details: { object: hash, store: store.folder, ...(file === undefined ? {} : { file }) },
  });
}
