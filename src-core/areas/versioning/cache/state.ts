import { hash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { fileError, removeLeftovers, temporaryPath } from "../../../foundation/files/durable.ts";
import { factsPerFile, type WalkedFile } from "../../../foundation/store/walk-files.ts";
import type { ContentFact } from "../dvc/output.ts";

/**
 * What is remembered of an output so that unchanged files aren't hashed again: for each file its size, times, inode and
 * md5, and one fingerprint over all of them. It is Signalbox's alone (DVC's own state isn't written) and only a memory:
 * an unreadable one is discarded.
 */
export interface OutputState {
  readonly fact: ContentFact;
  /** Over all files of the folder; null for a file, and if files changed too shortly before they were hashed. */
  readonly fingerprint: string | null;
  /** `storeStamp` when every object was seen in the cache; null if one wasn't. */
  readonly cacheStamp: string | null;
}

/** The facts of a file when it had this md5. */
export interface FileState extends Omit<WalkedFile, "relpath"> {
  readonly md5: string;
}

/** One line of JSON, then per file four doubles (as in a FactTable), then all md5, then the names between NULs. */
const format = "signalbox-state-2";
const headerBytes = 4096;
/**
 * A file that changed less than this (ms) before it was hashed could change again, unnoticed, within the same tick of the
 * file system's clock, so it isn't remembered.
 */
export const tickMs = 50;

function stateFile(folder: string, output: string): string {
  return path.join(folder, `${hash("md5", output, "hex")}.state`);
}

/** Reads the summary without the files after it. */
export function readState(folder: string | null, output: string): OutputState | null {
  if (folder === null) return null;
  const file = stateFile(folder, output);
  if (!existsSync(file)) return null;
  const handle = openSync(file, "r");
  try {
    const buffer = Buffer.alloc(headerBytes);
    const text = buffer.toString("utf8", 0, readSync(handle, buffer));
    return parseHeader(text.split("\n", 1)[0] ?? "");
  } finally {
    closeSync(handle);
  }
}

interface Header extends OutputState {
  readonly files: number;
  /** The md5 of everything after the line. */
  readonly body: string;
}

function parseHeader(line: string): Header | null {
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== "object" || parsed === null || !("format" in parsed) || parsed.format !== format) return null;
    // Only this format's writer produces it, so checking the format's name is enough.
    return parsed as unknown as Header;
  } catch {
    return null;
  }
}

/** Remembered files by their path relative to the output ("" for the output itself). */
export function readFileStates(folder: string | null, output: string): ReadonlyMap<string, FileState> {
  const states = new Map<string, FileState>();
  if (folder === null || !existsSync(stateFile(folder, output))) return states;
  const content = readFileSync(stateFile(folder, output));
  const bodyAt = content.indexOf(10) + 1;
  const header = parseHeader(content.toString("utf8", 0, bodyAt));
  // The file isn't flushed when it is written: after a power cut its body may hold anything.
  if (header === null || hash("md5", content.subarray(bodyAt), "hex") !== header.body) return states;
  const md5At = header.files * factsPerFile * Float64Array.BYTES_PER_ELEMENT;
  // A copy, because doubles must start at a multiple of eight.
  const body = new Uint8Array(content.subarray(bodyAt));
  const facts = new Float64Array(body.buffer, 0, header.files * factsPerFile);
  const text = content.subarray(bodyAt);
  const md5s = text.toString("latin1", md5At, md5At + header.files * 32);
  const names = text.toString("utf8", md5At + header.files * 32).split("\0");
  for (let row = 0; row < header.files; row += 1) {
    const at = row * factsPerFile;
    const sizeBytes = facts[at] ?? -1;
    if (sizeBytes < 0) continue;
    const times = { mtimeMs: facts[at + 1] ?? 0, ctimeMs: facts[at + 2] ?? 0, ino: facts[at + 3] ?? 0 };
    states.set(names[row] ?? "", { md5: md5s.slice(row * 32, row * 32 + 32), sizeBytes, ...times });
  }
  return states;
}

export function isSame(known: FileState | undefined, now: Omit<FileState, "md5">): known is FileState {
  return (
    known !== undefined &&
    known.sizeBytes === now.sizeBytes &&
    known.mtimeMs === now.mtimeMs &&
    known.ctimeMs === now.ctimeMs &&
    known.ino === now.ino
  );
}

export interface Remembered {
  readonly output: string;
  readonly state: OutputState;
  readonly files: readonly WalkedFile[];
  /** The md5 of each file. */
  readonly hashes: readonly string[];
  /** When hashing began, ms since 1970. */
  readonly hashedAtMs: number;
}

/** Replaces what is remembered of an output, atomically but without a flush: losing it only costs time. */
export function writeState(folder: string | null, remembered: Remembered): void {
  if (folder === null) return;
  const { output, state, files } = remembered;
  const body = stateBody(remembered);
  const header = { format, ...state, files: files.length, body: hash("md5", body, "hex") };
  const file = stateFile(folder, output);
  const temporary = temporaryPath(file);
  try {
    mkdirSync(folder, { recursive: true });
    removeLeftovers(folder);
    writeFileSync(temporary, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]), { flag: "wx" });
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fileError(error, "write", file);
  }
}

function stateBody({ files, hashes, hashedAtMs }: Remembered): Buffer {
  const facts = new Float64Array(files.length * factsPerFile);
  for (const [row, file] of files.entries()) {
    const isSettled = file.ctimeMs <= hashedAtMs - tickMs;
    facts.set([isSettled ? file.sizeBytes : -1, file.mtimeMs, file.ctimeMs, file.ino], row * factsPerFile);
  }
  const names = files.map((file) => file.relpath).join("\0");
  return Buffer.concat([Buffer.from(facts.buffer), Buffer.from(hashes.join(""), "latin1"), Buffer.from(names)]);
}

/** Changes whenever an object is added to or deleted from the store; costs one lookup per prefix folder, not per object. */
export function storeStamp(objects: string): string {
  if (!existsSync(objects)) return "none";
  const parts = readdirSync(objects).map((name) => {
    const { ino, mtimeMs } = statSync(path.join(objects, name));
    return `${name} ${ino} ${mtimeMs}`;
  });
  return hash("md5", parts.join("\n"), "hex");
}
