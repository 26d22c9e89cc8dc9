import { hash } from "node:crypto";
import { readdirSync, type Stats, statSync } from "node:fs";

/** A regular file of a folder, with the facts that show whether it changed. */
export interface WalkedFile {
  /** Relative to the folder, POSIX. */
  readonly relpath: string;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly ino: number;
}

/** Folders that DVC never enters. */
const neverEntered = new Set([".git", ".hg", ".dvc"]);

export type IsIgnored = (relpath: string, isFolder: boolean) => boolean;

/** Paths of the files and links below a folder, relative to it, POSIX, depth first, as DVC walks. */
export function listFiles(root: string, isIgnored?: IsIgnored): readonly string[] {
  const found: string[] = [];
  const folders = [""];
  for (let prefix = folders.pop(); prefix !== undefined; prefix = folders.pop()) {
    for (const entry of readdirSync(`${root}/${prefix}`, { withFileTypes: true })) {
      const relpath = prefix + entry.name;
      if (entry.isFile() || entry.isSymbolicLink()) {
        if (entry.name !== ".git" && !isIgnored?.(relpath, false)) found.push(relpath);
      } else if (entry.isDirectory() && !neverEntered.has(entry.name) && !isIgnored?.(relpath, true))
        folders.push(`${relpath}/`);
    }
  }
  return found;
}

/** The facts of one file. */
export function factOf({ size, mtimeMs, ctimeMs, ino }: Stats): Omit<WalkedFile, "relpath"> {
  return { sizeBytes: size, mtimeMs, ctimeMs, ino };
}

/** Facts of listed files in memory that threads share: each thread takes the next rows that no other has taken. */
export interface FactTable {
  /** The first row not taken, and the number of rows filled. */
  readonly progress: Int32Array<SharedArrayBuffer>;
  /** Four numbers a row: size (−1 for what isn't a file, for instance a link to a folder), mtime, ctime, inode. */
  readonly facts: Float64Array<SharedArrayBuffer>;
}

export const factsPerFile = 4;
const rowsAtOnce = 256;

export function newTable(files: number): FactTable {
  return {
    progress: new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)),
    facts: new Float64Array(new SharedArrayBuffer(files * factsPerFile * Float64Array.BYTES_PER_ELEMENT)),
  };
}

/** Reads the facts of files, following links, until every row is taken. */
export function fillTable(root: string, names: readonly string[], { progress, facts }: FactTable): void {
  for (;;) {
    const from = Atomics.add(progress, 0, rowsAtOnce);
    const to = Math.min(from + rowsAtOnce, names.length);
    if (from >= to) return;
    for (let row = from; row < to; row += 1) {
      const stats = statSync(`${root}/${names[row]}`);
      const at = row * factsPerFile;
      facts[at] = stats.isFile() ? stats.size : -1;
      facts[at + 1] = stats.mtimeMs;
      facts[at + 2] = stats.ctimeMs;
      facts[at + 3] = stats.ino;
    }
    Atomics.add(progress, 1, to - from);
  }
}

export function isFilled({ progress, facts }: FactTable): boolean {
  return Atomics.load(progress, 1) * factsPerFile === facts.length;
}

/** A folder's listed names and their facts. */
export interface Walk {
  readonly names: readonly string[];
  readonly facts: Float64Array;
}

/** The regular files among those listed. */
export function filesOf({ names, facts }: Walk): readonly WalkedFile[] {
  const files: WalkedFile[] = [];
  for (const [row, relpath] of names.entries()) {
    const at = row * factsPerFile;
    const sizeBytes = facts[at] ?? -1;
    if (sizeBytes < 0) continue;
    files.push({
      relpath,
      sizeBytes,
      mtimeMs: facts[at + 1] ?? 0,
      ctimeMs: facts[at + 2] ?? 0,
      ino: facts[at + 3] ?? 0,
    });
  }
  return files;
}

/** One value (md5, hex) that stays the same while none of these files changes; far cheaper than hashing them. */
export function fingerprintOf({ names, facts }: Walk): string {
  const bytes = new Uint8Array(facts.buffer, facts.byteOffset, facts.byteLength);
  return hash("md5", hash("md5", names.join("\0"), "hex") + hash("md5", bytes, "hex"), "hex");
}
