import { statSync } from "node:fs";
import path from "node:path";
import { AppError } from "../../../contract/errors.ts";
import { fileError } from "../../../foundation/files/durable.ts";
import {
  adoptFile,
  adoptStaged,
  earlyFlush,
  flushStaged,
  hasObject,
  type ObjectStore,
  objectsFolder,
  withStaging,
  writeObject,
} from "../../../foundation/store/cache.ts";
import { type DirEntry, dirHash, dirText } from "../../../foundation/store/dvc-dir.ts";
import { hashFiles } from "../../../foundation/store/hash-pool.ts";
import { type HashName, largeBytes, largePath, type Staging } from "../../../foundation/store/store-files.ts";
import { walkFolder } from "../../../foundation/store/walk.ts";
import { factOf, filesOf, fingerprintOf, type WalkedFile } from "../../../foundation/store/walk-files.ts";
import type { ContentFact } from "../dvc/output.ts";
import type { Repository } from "../repository.ts";
import { type FileState, isSame, readFileStates, readState, storeStamp, tickMs, writeState } from "./state.ts";

/** What is at an output's path now. */
export interface Content {
  readonly fact: ContentFact;
  /** The files of a folder, null for a file. */
  readonly entries: readonly DirEntry[] | null;
  /** The bytes of the folder's object, null for a file. */
  readonly listing: string | null;
}

export interface ContentRequest {
  /** Relative to the repository's root, POSIX. */
  readonly path: string;
  readonly hashName: HashName;
  /** Where contents are copied while they are hashed; null: only hash. */
  readonly store: ObjectStore | null;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((bytes: number, total: number) => void) | undefined;
  readonly workers?: number | undefined;
}

interface Found {
  readonly isFolder: boolean;
  readonly mode: number;
  readonly files: readonly WalkedFile[];
  /** Null for a file, and if rules that may change exclude some files. */
  readonly fingerprint: string | null;
}

/**
 * Hashes a file or folder, only what changed since it was last hashed, and remembers the result.
 * With a store, every content is in it afterwards, a folder's listing last.
 */
export async function hashContent(repository: Repository, request: ContentRequest): Promise<Content> {
  const hashedAtMs = Date.now();
  const found = await findFiles(repository, request.path);
  const known = request.hashName === "md5" ? readFileStates(repository.stateDir, request.path) : new Map();
  const { hashes, content } = await hashFound(repository, request, { found, known });
  if (request.store && content.listing !== null) writeObject(request.store, content.fact.hash, content.listing);
  if (request.hashName === "md5") {
    const isSettled = found.files.every((file) => file.ctimeMs <= hashedAtMs - tickMs);
    writeState(repository.stateDir, {
      output: request.path,
      state: {
        fact: content.fact,
        fingerprint: isSettled ? found.fingerprint : null,
        cacheStamp: request.store ? storeStamp(objectsFolder(request.store, "md5")) : null,
      },
      files: found.files,
      hashes,
      hashedAtMs,
    });
  }
  return content;
}

async function findFiles(repository: Repository, output: string): Promise<Found> {
  const target = path.join(repository.root, output);
  try {
    const stats = statSync(target);
    const { mode } = stats;
    if (!stats.isDirectory())
      return { isFolder: false, mode, files: [{ relpath: "", ...factOf(stats) }], fingerprint: null };
    const { ignore } = repository;
    const walk = await walkFolder({
      root: target,
      isIgnored: ignore.isEmpty
        ? undefined
        : (relpath: string, isFolder: boolean) => ignore.ignores(`${output}/${relpath}`, isFolder),
      expectedFiles: readState(repository.stateDir, output)?.fact.files ?? 0,
    });
    const inner = walk.names.find((name) => name === ".dvcignore" || name.endsWith("/.dvcignore"));
    if (inner !== undefined) {
      throw new AppError({
        code: "versioning/invalid-file",
        message: `${output}/${inner} is inside a versioned folder, where DVC allows no .dvcignore.`,
        hint: "Move its patterns to the .dvcignore at the root of the project.",
        details: { file: `${output}/${inner}` },
      });
    }
    return { isFolder: true, mode, files: filesOf(walk), fingerprint: ignore.isEmpty ? fingerprintOf(walk) : null };
  } catch (error) {
    throw fileError(error, "read", target);
  }
}

interface HashWork {
  readonly found: Found;
  readonly known: ReadonlyMap<string, FileState>;
}

interface Hashed {
  /** The md5 of each file, in order. */
  readonly hashes: readonly string[];
  readonly content: Content;
}

async function hashFound(repository: Repository, request: ContentRequest, work: HashWork): Promise<Hashed> {
  const { found, known } = work;
  const { store } = request;
  const hashes: string[] = new Array(found.files.length).fill("");
  const changed: number[] = [];
  for (const [place, file] of found.files.entries()) {
    const before = known.get(file.relpath);
    if (isSame(before, file) && (store === null || hasObject(store, before.md5, "md5"))) hashes[place] = before.md5;
    else changed.push(place);
  }
  if (changed.length === 0) return { hashes, content: contentOf(found, hashes) };
  const target = path.join(repository.root, request.path);
  const files = changed.map((place) => {
    const { relpath, sizeBytes } = found.files[place] ?? { relpath: "", sizeBytes: 0 };
    return { file: relpath === "" ? target : `${target}/${relpath}`, sizeBytes };
  });
  const total = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  let done = 0;
  const run = async (staging: Staging | null): Promise<Hashed> => {
    const flushEarly = staging ? earlyFlush(staging, { files: files.length, bytes: total }) : undefined;
    const hashed = await hashFiles({
      files,
      hashName: request.hashName,
      staging,
      signal: request.signal,
      workers: request.workers,
      onBytes: (bytes) => {
        done += bytes;
        flushEarly?.(done);
        request.onBytes?.(done, total);
      },
    });
    for (const [index, place] of changed.entries()) hashes[place] = hashed[index] ?? "";
    const adopted = staging && store ? adopt(store, staging, { files, hashes: hashed }) : undefined;
    // The folder's listing is computed while the disk writes.
    adopted?.catch(() => undefined);
    const content = contentOf(found, hashes);
    await adopted;
    return { hashes, content };
  };
  return await (store ? withStaging(store, run) : run(null));
}

export interface StagedFiles {
  readonly files: readonly { readonly file: string; readonly sizeBytes: number }[];
  readonly hashes: readonly string[];
}

/** Moves what a staging holds to the objects' names, once it is on the disk; shared with transfers between stores. */
export async function adopt(store: ObjectStore, staging: Staging, { files, hashes }: StagedFiles): Promise<void> {
  adoptStaged(staging, await flushStaged(staging));
  for (const [index, { file, sizeBytes }] of files.entries())
    if (sizeBytes >= largeBytes) adoptFile(store, largePath(staging.folder, file), hashes[index] ?? "");
}

function contentOf(found: Found, hashes: readonly string[]): Content {
  const sizeBytes = found.files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (!found.isFolder) {
    const fact = { hash: hashes[0] ?? "", sizeBytes, files: null, isExecutable: (found.mode & 0o111) !== 0 };
    return { fact, entries: null, listing: null };
  }
  const entries = found.files.map((file, index) => ({ md5: hashes[index] ?? "", relpath: file.relpath }));
  const listing = dirText(entries);
  const fact = { hash: dirHash(listing), sizeBytes, files: entries.length, isExecutable: false };
  return { fact, entries, listing };
}
