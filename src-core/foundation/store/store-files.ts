import { createHash, type Hash, hash } from "node:crypto";
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { AppError } from "../../contract/errors.ts";
import { fileError } from "../files/durable.ts";
import { isMostlyText, toUnixLines } from "./dos2unix.ts";

/** How content is named: the md5 of its bytes, or DVC 2.x's md5 of its bytes with text line ends converted to `\n`. */
export type HashName = "md5" | "md5-dos2unix";

/** Where and how copies are made while files are hashed. */
export interface Staging {
  /** A private folder on the cache's file system; a copy is there as `<2 hex>/<30 hex>` with mode 0444. */
  readonly folder: string;
  /** The folder of finished objects; those it already holds aren't copied again. */
  readonly objects: string;
  readonly folderMode: number;
  /** Whether the file system shares blocks between copies. */
  readonly canReflink: boolean;
}

export interface FileBatch {
  readonly files: readonly string[];
  /** The size each was found to have; another size on reading means that another process writes to it. */
  readonly sizes: readonly number[];
  readonly hashName: HashName;
  /** Null: only hash. */
  readonly staging: Staging | null;
}

/** The mode DVC trusts without hashing an object again. */
export const objectMode = 0o444;
/** Small enough to stay in a core's own cache between reading, hashing and writing: 4 MiB took 1.5 times as long. */
const pieceBytes = 512 << 10;
/** A smaller file is read at once and staged under its object's name; a larger one is staged as `largePath`. */
export const largeBytes = 1 << 20;
const isMasked = (objectMode & ~process.umask()) !== objectMode;
let shared: Buffer | undefined;

/**
 * Computes the md5 of each file; with a staging they are copied in the same pass. Reports bytes as they are done.
 * @throws files/*, versioning/changed-while-reading
 */
export async function hashBatch(batch: FileBatch, onBytes: (bytes: number) => void): Promise<string[]> {
  const hashes: string[] = [];
  for (const [index, file] of batch.files.entries()) {
    try {
      hashes.push(await hashOne({ file, sizeBytes: batch.sizes[index] ?? 0 }, batch, onBytes));
    } catch (error) {
      throw fileError(error, batch.staging ? "copy to the cache" : "read", file);
    }
  }
  return hashes;
}

interface Sized {
  readonly file: string;
  readonly sizeBytes: number;
}

async function hashOne(
  { file, sizeBytes }: Sized,
  batch: FileBatch,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const handle = openSync(file, constants.O_RDONLY);
  try {
    if (sizeBytes < largeBytes && batch.hashName === "md5") {
      shared ??= Buffer.allocUnsafe(largeBytes);
      const read = readSync(handle, shared, 0, largeBytes, 0);
      if (read !== sizeBytes) throw changed(file);
      const content = shared.subarray(0, read);
      const md5 = hash("md5", content, "hex");
      if (batch.staging) stageSmall(content, md5, batch.staging);
      onBytes(read);
      return md5;
    }
    const before = fstatSync(handle);
    const md5 =
      batch.staging === null || batch.hashName !== "md5"
        ? hashLarge(handle, batch.hashName, onBytes)
        : await stageLarge(file, handle, batch.staging, onBytes);
    const after = fstatSync(handle);
    if (after.size !== sizeBytes || after.mtimeMs !== before.mtimeMs) throw changed(file);
    return md5;
  } finally {
    closeSync(handle);
  }
}

function changed(file: string): AppError {
  return new AppError({
    code: "versioning/changed-while-reading",
    message: `${file} changed while it was read.`,
    hint: "Run the command again when no program writes to the file.",
    details: { file },
  });
}

function hashLarge(handle: number, hashName: HashName, onBytes: (bytes: number) => void): string {
  const hasher = createHash("md5");
  // DVC 2.x decides for each MiB whether it is text, so the pieces must be its own.
  const piece = Buffer.allocUnsafe(hashName === "md5" ? pieceBytes : 1 << 20);
  for (let read = readSync(handle, piece); read > 0; read = readSync(handle, piece)) {
    const content = piece.subarray(0, read);
    hasher.update(
      hashName === "md5-dos2unix" && isMostlyText(content.subarray(0, 512)) ? toUnixLines(content) : content,
    );
    onBytes(read);
  }
  return hasher.digest("hex");
}

function stageSmall(content: Buffer, md5: string, staging: Staging): void {
  const [prefix, name] = [md5.slice(0, 2), md5.slice(2)];
  if (hasPrefix(staging, prefix) && isWhole(`${staging.objects}/${prefix}/${name}`)) return;
  const folder = `${staging.folder}/${prefix}`;
  const handle = createOnce(`${folder}/${name}`, folder, staging.folderMode);
  if (handle === null) return;
  try {
    if (isMasked) fchmodSync(handle, objectMode);
    for (let at = 0; at < content.length; ) at += writeSync(handle, content, at);
  } finally {
    closeSync(handle);
  }
}

let prefixes: { readonly folder: string; readonly known: Map<string, boolean> } | undefined;

/**
 * Whether objects with these first two digits are stored, as of this staging's first query: an empty cache then costs no
 * lookup per object. What another process has added since is merely copied once more.
 */
function hasPrefix({ folder, objects }: Staging, prefix: string): boolean {
  if (prefixes?.folder !== folder) prefixes = { folder, known: new Map() };
  let isThere = prefixes.known.get(prefix);
  if (isThere === undefined) {
    isThere = existsSync(`${objects}/${prefix}`);
    prefixes.known.set(prefix, isThere);
  }
  return isThere;
}

/** An object of mode 0444 is trusted, as in DVC; one of another mode is written again. */
function isWhole(object: string): boolean {
  const stats = lstatSync(object, { throwIfNoEntry: false });
  return stats !== undefined && (stats.mode & 0o777) === objectMode;
}

/** Null if the same content is already being staged. */
function createOnce(target: string, folder: string, folderMode: number): number | null {
  const first = create(target);
  if (first !== "no folder") return first;
  // Another thread may create the folder in between, so an existing one isn't a failure.
  mkdirSync(folder, { recursive: true, mode: folderMode });
  const second = create(target);
  if (second !== "no folder") return second;
  throw new Error(`${folder} was deleted while objects were staged in it.`);
}

function create(target: string): number | null | "no folder" {
  try {
    return openSync(target, "wx", objectMode);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") return null;
    if (code === "ENOENT") return "no folder";
    throw error;
  }
}

/** Copies under a temporary name (`largePath`): the object's name is known only at the end. */
async function stageLarge(
  file: string,
  source: number,
  staging: Staging,
  onBytes: (bytes: number) => void,
): Promise<string> {
  const target = largePath(staging.folder, file);
  if (staging.canReflink) {
    copyFileSync(file, target, constants.COPYFILE_FICLONE_FORCE | constants.COPYFILE_EXCL);
    const clone = openSync(target, "r");
    try {
      fchmodSync(clone, objectMode);
      const md5 = hashLarge(clone, "md5", onBytes);
      fsyncSync(clone);
      return md5;
    } finally {
      closeSync(clone);
    }
  }
  const output = await open(target, "wx", objectMode);
  try {
    await output.chmod(objectMode);
    const hasher = createHash("md5");
    await pump(source, output, hasher, onBytes);
    return hasher.digest("hex");
  } finally {
    await output.close();
  }
}

/** Where the copy of a large file is until it gets its object's name. */
export function largePath(folder: string, file: string): string {
  return `${folder}/large-${hash("md5", file, "hex")}`;
}

/**
 * Reads, hashes and writes in one pass: a piece is hashed while another thread writes it. Flushing in between was slower,
 * because writes wait for it.
 */
async function pump(source: number, output: FileHandle, hasher: Hash, onBytes: (bytes: number) => void): Promise<void> {
  const pieces = [Buffer.allocUnsafe(pieceBytes), Buffer.allocUnsafe(pieceBytes)] as const;
  let writing: Promise<unknown> = Promise.resolve();
  let at = 0;
  for (let turn = 0; ; turn ^= 1) {
    const piece = turn === 0 ? pieces[0] : pieces[1];
    const read = readSync(source, piece, 0, pieceBytes, null);
    if (read === 0) break;
    await writing;
    writing = writeAll(output, piece.subarray(0, read), at);
    // The await above or below handles it; unmarked, a read that fails before that would end the process.
    writing.catch(() => undefined);
    hasher.update(piece.subarray(0, read));
    at += read;
    onBytes(read);
  }
  await writing;
  await output.sync();
}

async function writeAll(output: FileHandle, content: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < content.length; ) {
    const { bytesWritten } = await output.write(content, done, content.length - done, position + done);
    done += bytesWritten;
  }
}
