import {
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import path from "node:path";
import { fileError, fsyncFile, fsyncFolder, temporaryPath } from "../files/durable.ts";
import { hasObject, makeFolder, type ObjectStore, objectPath } from "./cache.ts";
import { objectMode } from "./store-files.ts";

/** How an object gets its name in the work folder. */
export type LinkType = "reflink" | "hardlink" | "symlink" | "copy";

/** Failures that mean "not on this file system": the next link type is tried. */
const unavailable = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "EXDEV", "ENOTTY", "ENOSYS", "EINVAL", "EAGAIN"]);

export interface Placement {
  /** Tried in this order. */
  readonly types: readonly LinkType[];
  readonly isExecutable: boolean;
}

/** Gives an object its name in the work folder, atomically, by the first link type that works. */
export function placeFile(object: string, file: string, placement: Placement): void {
  const temporary = temporaryPath(file);
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    linkOrCopy(object, temporary, placement);
    renameSync(temporary, file);
    // Renaming one hard link of a file to another does nothing and leaves both.
    rmSync(temporary, { force: true });
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fileError(error, "restore", file);
  }
}

function linkOrCopy(object: string, target: string, { types, isExecutable }: Placement): void {
  const mode = (0o666 | (isExecutable ? 0o100 : 0)) & ~(process.umask() & 0o777);
  let last: unknown = new Error("no link type is configured");
  for (const type of types) {
    try {
      if (type === "hardlink") linkSync(object, target);
      else if (type === "symlink") symlinkSync(object, target);
      else {
        copyFileSync(object, target, type === "reflink" ? constants.COPYFILE_FICLONE_FORCE : 0);
        chmodSync(target, mode);
        fsyncFile(target);
      }
      return;
    } catch (error) {
      rmSync(target, { force: true });
      if (!isUnavailable(error)) throw error;
      last = error;
    }
  }
  throw last;
}

function isUnavailable(error: unknown): boolean {
  return error instanceof Error && "code" in error && unavailable.has(String(error.code));
}

/**
 * Turns the work folder's own files into objects of the store by hard links; their bytes aren't copied.
 * @returns false if the file system can't make hard links between the two
 */
export function linkObjects(
  store: ObjectStore,
  files: readonly { readonly file: string; readonly md5: string }[],
): boolean {
  for (const { file, md5 } of files) {
    if (hasObject(store, md5, "md5")) continue;
    const object = objectPath(store, md5, "md5");
    makeFolder(store, path.dirname(object));
    const temporary = temporaryPath(path.join(store.folder, "files", "object"));
    try {
      fsyncFile(file);
      linkSync(file, temporary);
      chmodSync(temporary, objectMode);
      renameSync(temporary, object);
      fsyncFolder(path.dirname(object));
    } catch (error) {
      rmSync(temporary, { force: true });
      if (isUnavailable(error)) return false;
      throw fileError(error, "link into the cache", file);
    }
  }
  return true;
}

/** Whether the file already is what the first configured link type would make it. */
export function isPlaced(object: string, file: string, type: LinkType | undefined): boolean {
  const stats = lstatSync(file);
  const isLink = stats.isSymbolicLink();
  if (type === "symlink") return isLink && path.resolve(path.dirname(file), readlinkSync(file)) === object;
  if (type === "hardlink") return !isLink && stats.ino === lstatSync(object).ino;
  return !isLink && stats.nlink === 1;
}
