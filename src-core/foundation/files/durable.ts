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
import { isMarkedProcessAlive, nameMark, ownIdentity } from "./process-identity.ts";

const codeByErrno: Readonly<Record<string, ErrorCode>> = {
  ENOENT: "files/not-found",
  EACCES: "files/no-permission",
  EPERM: "files/no-permission",
  EROFS: "files/no-permission",
  ENOSPC: "files/disk-full",
  EDQUOT: "files/disk-full",
};

const hintByCode: Partial<Record<ErrorCode, string>> = {
  "files/not-found": "Check the path; a relative one starts from the current folder.",
  "files/no-permission": "Give yourself permission on that path, or choose another folder.",
  "files/disk-full": "Free space, then run the command again: nothing was half-written.",
};
const stepsByCode: Partial<Record<ErrorCode, readonly NextStep[]>> = {
  "files/disk-full": [nextStep("environment.collect", {}, "shows what it can free")],
};

/** A file-system failure as an AppError that names the path; anything else is passed through unchanged. */
export function fileError(error: unknown, doing: string, file: string): unknown {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return error;
  if (error instanceof AppError) return error;
  const code = codeByErrno[error.code] ?? "files/io";
  return new AppError({
    code,
    message: `Can't ${doing} ${file}: ${error.message}`,
    hint: hintByCode[code],
    next: stepsByCode[code],
    details: { file, errno: error.code },
    cause: error,
  });
}

/** Makes the entries of a folder (a rename in it) survive a power cut. */
export function fsyncFolder(folder: string): void {
  const handle = openSync(folder, constants.O_RDONLY);
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** Makes a folder and what is missing above it, each durable in the folder that holds it. */
export function makeFolder(folder: string): void {
  const first = mkdirWithReason(folder);
  if (first === undefined) return;
  for (let made = path.resolve(folder); made.length >= first.length; made = path.dirname(made))
    fsyncFolder(path.dirname(made));
}

/** On a read-only disk Node calls a recursive mkdir's failure "no such file": asking the folder above tells the reason. */
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

/** A private name beside `file` for writing it; `removeLeftovers` finds what a killed process left. */
export function temporaryPath(file: string): string {
  const random = process.getBuiltinModule("node:crypto").randomBytes(4).toString("hex");
  return path.join(path.dirname(file), `.${path.basename(file)}${temporaryMark}${ownMark()}-${random}`);
}

/** Deletes temporary files in `folder` whose process is gone (a zombie is; another process with its number is no reason to keep them). */
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
    if (isMarkedProcessAlive(mark)) continue;
    rmSync(path.join(folder, name), { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

/** Moves a finished temporary file to its name: fsync of the file, rename, fsync of the folder. */
export function commitFile(temporary: string, file: string): void {
  fsyncFile(temporary);
  renameSync(temporary, file);
  fsyncFolder(path.dirname(file));
}

/** Writes a file so that after a crash there is the old content or the new, never a part. */
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

/** Removes what a failed write left; a second failure must not hide the first. */
function discard(temporary: string): void {
  try {
    rmSync(temporary, { force: true });
  } catch {
    // `removeLeftovers` takes it at the next start.
  }
}

/**
 * Appends whole lines and makes them durable before returning.
 * @throws files/* ; a disk that fills up may hold a part of the text then
 */
export function appendDurable(file: string, text: string): void {
  try {
    makeFolder(path.dirname(file));
    const isNew = !existsSync(file);
    const handle = openSync(file, "a", 0o644);
    try {
      // A disk that fills up takes a part and says so by the count alone; only the next write fails.
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
