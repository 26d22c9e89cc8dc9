import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { nextStep } from "../../contract/build-step.ts";
import { AppError, type ErrorCode } from "../../contract/errors.ts";
import type { NextStep } from "../../contract/next-step.ts";
import { isMarkedProcessDead, nameMark, ownIdentity } from "./process-identity.ts";

const codeByErrno: Readonly<Record<string, ErrorCode>> = {
  ENOENT: "files/not-found",
  EACCES: "files/no-permission",
  EPERM: "files/no-permission",
  EROFS: "files/no-permission",
  ENOSPC: "files/disk-full",
  EDQUOT: "files/disk-full",
};

const hintByCode: Partial<Record<ErrorCode, string>> = {
  "files/not-found": "Check the path. A relative path starts in the current folder.",
  "files/no-permission": "Get permission for that path, or choose another folder.",
  "files/disk-full": "Free space, then run the command again. No file was partially written.",
};
const stepsByCode: Partial<Record<ErrorCode, readonly NextStep[]>> = {
  "files/disk-full": [nextStep("environment.collect", {}, "shows what it can free")],
};

/** Why the system refused, in words; its own text ("ENOENT: no such file or directory, open '…'") repeats the path. */
const reasonByErrno: Readonly<Record<string, string>> = {
  ENOENT: "it doesn't exist",
  EACCES: "permission denied",
  EPERM: "the system doesn't permit it",
  EROFS: "the disk is read-only",
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the disk quota is used up",
  EEXIST: "it exists already",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is a file",
  ENOTEMPTY: "the folder isn't empty",
  EXDEV: "it is on another disk",
  EMFILE: "this process has too many files open",
  ENFILE: "too many files are open on this machine",
  ENAMETOOLONG: "its name is too long",
  ELOOP: "its links lead in a circle",
  EIO: "the disk reports an error",
  EFBIG: "the file would be too large",
  EBUSY: "it is in use",
};

/** Turns a file-system error into an AppError with the path. Returns any other error unchanged. */
export function fileError(error: unknown, doing: string, file: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  if (error instanceof AppError) return error;
  const code = codeByErrno[error.code] ?? "files/io";
  return new AppError({
    code,
    message: `Can't ${doing} ${file}: ${reasonOf(error.code, error.message)}.`,
    hint: hintByCode[code],
    next: stepsByCode[code],
    details: { file, errno: error.code },
    cause: error,
  });
}

function reasonOf(errno: string, text: string): string {
  return reasonByErrno[errno] ?? text.replace(/\.$/, "");
}

/** Makes the entries of a folder durable, such as a rename in it. */
export function fsyncFolder(folder: string): void {
  const handle = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Creates a folder and its missing parents, each durable in its parent. */
export function makeFolder(folder: string): void {
  const first = mkdirWithReason(folder);
  if (first === undefined) return;
  for (let made = path.resolve(folder); made.length >= first.length; made = path.dirname(made))
    fsyncFolder(path.dirname(made));
}

/** On a read-only disk, Node reports a failed recursive mkdir as "no such file". A check of the parent folder gives the reason. */
function mkdirWithReason(folder: string): string | undefined {
  try {
    return mkdirSync(folder, { recursive: true });
  } catch (error) {
    let above = path.dirname(folder);
    while (!existsSync(above) && above !== path.dirname(above)) above = path.dirname(above);
    accessSync(above, constants.W_OK);
    throw error;
  }
}

export function fsyncFile(file: string): void {
  const handle = openSync(file, constants.O_RDWR);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const temporaryMark = ".signalbox-tmp-";
let ownMarkOnce: string | undefined;

function ownMark(): string {
  ownMarkOnce ??= nameMark(ownIdentity());
  return ownMarkOnce;
}

/** Returns a temporary name next to `file`. `removeLeftovers` finds such files of killed processes. */
export function temporaryPath(file: string): string {
  const random = process.getBuiltinModule("node:crypto").randomBytes(4).toString("hex");
  return path.join(path.dirname(file), `.${path.basename(file)}${temporaryMark}${ownMark()}-${random}`);
}

/**
 * Deletes temporary files in `folder` of processes that are known to have ended. A zombie has, and so has a process whose pid was reused.
 * Of a process in another container or on another host nothing is known: its files stay.
 */
export function removeLeftovers(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const removed: string[] = [];
  for (const name of readdirSync(folder)) {
    const at = name.lastIndexOf(temporaryMark);
    if (at < 0) continue;
    const mark = name
      .slice(at + temporaryMark.length)
      .split("-")
      .slice(0, 2)
      .join("-");
    if (!isMarkedProcessDead(mark)) continue;
    rmSync(path.join(folder, name), { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

/** Renames a finished temporary file: fsync of the file, rename, fsync of the folder. */
export function commitFile(temporary: string, file: string): void {
  fsyncFile(temporary);
  renameSync(temporary, file);
  fsyncFolder(path.dirname(file));
}

/** Writes a file so that a crash leaves either the old content or the new. */
export function writeFileDurable(file: string, content: string | Uint8Array, mode = 0o644): void {
  const temporary = temporaryPath(file);
  try {
    makeFolder(path.dirname(file));
    writeFileSync(temporary, content, { mode, flag: "wx" });
    commitFile(temporary, file);
  } catch (error) {
    discard(temporary);
    throw fileError(error, "write", file);
  }
}

/** Removes the file of a failed write. A second failure must not hide the first. */
function discard(temporary: string): void {
  try {
    rmSync(temporary, { force: true });
  } catch {
    // `removeLeftovers` deletes it at the next start.
  }
}

/**
 * Appends whole lines and makes them durable before returning.
 * @throws files/* ; on a full disk, a part of the text may have been written
 */
export function appendDurable(file: string, text: string): void {
  try {
    makeFolder(path.dirname(file));
    const isNew = !existsSync(file);
    const handle = openSync(file, "a", 0o644);
    try {
      // A full disk writes a part and only reports its length; only the next write fails.
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    if (isNew) fsyncFolder(path.dirname(file));
  } catch (error) {
    throw fileError(error, "append to", file);
  }
}

/** A document as `writeJsonDurable` writes it: for its digest. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export function writeJsonDurable(file: string, value: unknown): void {
  writeFileDurable(file, jsonText(value));
}

export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw fileError(error, "read", file);
  }
}
