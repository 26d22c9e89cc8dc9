import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { AppError } from "../../../contract/errors.ts";
import { fileError, fsyncFolder, removeLeftovers, temporaryPath } from "../../../foundation/files/durable.ts";

/** The file that makes a folder a project: moved last, so that there is a whole project or none. */
const marker = "signalbox.yaml";

function isFolder(dir: string): boolean {
  return statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true;
}

/**
 * @throws projects/exists unless the folder is missing, empty, or a new git repository
 */
export function refuseOccupied(dir: string): void {
  let names: readonly string[];
  try {
    names = existsSync(dir) ? readdirSync(dir) : [];
  } catch (error) {
    if (!isFolder(dir))
      throw new AppError({
        code: "projects/exists",
        message: `${dir} is a file, not a folder.`,
        hint: "Choose a folder that doesn't exist or is empty; name the table with --table FILE.",
        details: { dir },
      });
    throw fileError(error, "use", dir);
  }
  const others = names.filter((name) => name !== ".git" && !isStaging(name));
  if (others.length === 0) return;
  throw new AppError({
    code: "projects/exists",
    message: others.includes(marker)
      ? `${dir} is already a project.`
      : `${dir} isn't empty (${others.slice(0, 3).join(", ")}${others.length > 3 ? ", …" : ""}).`,
    hint: "Choose another folder.",
    details: { dir },
  });
}

const stagingName = "project";

/** What a killed run left inside the folder; it is removed before another one is assembled. */
function isStaging(name: string): boolean {
  return name.startsWith(`.${stagingName}.signalbox-tmp-`);
}

/**
 * Creates a private folder in which the project is assembled; removes what killed runs left. It is beside `dir`, or inside where that exists:
 * `dir` may be a mount or a link, and what is above it may belong to another.
 */
export function makeStaging(dir: string): { readonly staging: string; readonly remove: () => void } {
  const parent = isFolder(dir) ? dir : path.dirname(dir);
  const staging = temporaryPath(isFolder(dir) ? path.join(dir, stagingName) : dir);
  let first: string | undefined;
  try {
    first = mkdirSync(parent, { recursive: true });
    removeLeftovers(parent);
    mkdirSync(staging);
  } catch (error) {
    removeEmpty(parent, first);
    throw fileError(error, "make", staging);
  }
  const remove = () => {
    rmSync(staging, { recursive: true, force: true });
    removeEmpty(parent, first);
  };
  return { staging, remove };
}

/** Removes a folder and those above it up to `first`, which were made for it, as far as nothing is in them. */
function removeEmpty(folder: string, first: string | undefined): void {
  if (first === undefined) return;
  try {
    rmdirSync(folder);
  } catch {
    return;
  }
  if (folder !== first) removeEmpty(path.dirname(folder), first);
}

/** Writes files below a folder, each fsynced. */
export function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    try {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text, { flag: "wx", flush: true });
    } catch (error) {
      throw fileError(error, "write", file);
    }
  }
}

/** Copies a table (by reference where the file system can) and makes the copy durable. */
export function copyFile(from: string, to: string): void {
  try {
    mkdirSync(path.dirname(to), { recursive: true });
    copyFileSync(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    // A table may be read-only; its copy is the project's own.
    chmodSync(to, 0o644);
    const handle = openSync(to, "r+");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw fileError(error, "copy a file to", to);
  }
}

/** Files below a folder, relative and POSIX, in code point order; the folders of git and dvc are skipped. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    .filter((name) => !name.startsWith(".git/") && !name.startsWith(".dvc/tmp/"))
    .sort();
}

/**
 * Moves a finished staging folder to its place. A folder that exists already (it may be a shell's working folder) gets the
 * entries one by one, signalbox.yaml last; if one fails, those moved before are moved back.
 */
export function moveIntoPlace(staging: string, dir: string): void {
  const moved: string[] = [];
  try {
    if (!existsSync(dir)) {
      renameSync(staging, dir);
      fsyncFolder(path.dirname(dir));
      return;
    }
    const names = readdirSync(staging).sort((a, b) => Number(a === marker) - Number(b === marker));
    for (const name of names) {
      renameSync(path.join(staging, name), path.join(dir, name));
      moved.push(name);
    }
    fsyncFolder(dir);
    rmSync(staging, { recursive: true });
  } catch (error) {
    for (const name of moved) rmSync(path.join(dir, name), { recursive: true, force: true });
    throw fileError(error, "create the project in", dir);
  }
}

/** Removes a placed project again, and the folder if it was created for it. */
export function removePlaced(
  dir: string,
  { names, isFolderNew }: { readonly names: readonly string[]; readonly isFolderNew: boolean },
): void {
  if (isFolderNew) rmSync(dir, { recursive: true, force: true });
  else for (const name of names) rmSync(path.join(dir, name), { recursive: true, force: true });
}
