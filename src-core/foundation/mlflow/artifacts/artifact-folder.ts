import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { AppError, cancelled } from "../../../contract/errors.ts";
import { fileError, fsyncFile, fsyncFolder, temporaryPath } from "../../files/durable.ts";
import { isUncertain } from "../http/once.ts";
import { joinArtifactPath } from "./artifact-path.ts";
import type { ArtifactEntry, ArtifactStore } from "./artifact-types.ts";

export interface Transferred {
  readonly files: number;
  readonly sizeBytes: number;
}

/** Called after every file, and while a large one is sent. */
export type ReportBytes = (doneBytes: number, totalBytes: number) => void;

interface Transfer {
  readonly store: ArtifactStore;
  readonly artifactPath: string;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ReportBytes | undefined;
}

/** Of a large file, as many bytes between two reports. */
const reportEveryBytes = 4 << 20;
const deepest = 32;
const mostFiles = 10_000;

/** Lists all files below `folder` of a store, sorted by path. */
export async function listDeep(store: ArtifactStore, folder: string): Promise<readonly ArtifactEntry[]> {
  const files: ArtifactEntry[] = [];
  const walk = async (at: string, depth: number): Promise<void> => {
    if (depth > deepest || files.length > mostFiles) {
      throw new AppError({
        code: "tracking/rejected",
        message: `The artifact folder '${folder}' has more than ${mostFiles} files or ${deepest} levels.`,
      });
    }
    for (const entry of await store.list(at)) {
      if (entry.isFolder) await walk(entry.path, depth + 1);
      else files.push(entry);
    }
  };
  await walk(folder, 0);
  return files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

interface LocalFile {
  readonly relative: string;
  readonly file: string;
  readonly sizeBytes: number;
}

function localFiles(folder: string): readonly LocalFile[] {
  const files: LocalFile[] = [];
  const walk = (relative: string): void => {
    for (const name of readdirSync(path.join(folder, relative)).toSorted()) {
      const at = joinArtifactPath(relative, name);
      const file = path.join(folder, at);
      const stat = lstatSync(file);
      if (stat.isDirectory()) walk(at);
      else if (stat.isFile()) files.push({ relative: at, file, sizeBytes: stat.size });
      else
        throw new AppError({ code: "files/io", message: `${file} is neither a file nor a folder; it isn't uploaded.` });
    }
  };
  try {
    walk("");
  } catch (error) {
    throw fileError(error, "read", folder);
  }
  return files;
}

/**
 * Uploads a folder, completely or not at all. The file named `last` (MLflow reads a model only through its MLmodel) is uploaded after all
 * others and deleted before any other changes, so a mixture of two uploads is never readable. Deletes what isn't in the folder, and reads back
 * names and sizes. After a failure, deletes what was uploaded if the server can still be reached. Repeating the upload completes it.
 */
export async function uploadFolder(
  request: Transfer & { readonly folder: string; readonly last: string },
): Promise<Transferred> {
  const { store, artifactPath, signal, onProgress } = request;
  const all = localFiles(request.folder);
  const lastFile = all.find((file) => file.relative === request.last);
  if (lastFile === undefined) {
    throw new AppError({
      code: "files/not-found",
      message: `${request.folder} has no ${request.last}; nothing was uploaded.`,
    });
  }
  const wanted = new Set(all.map((file) => joinArtifactPath(artifactPath, file.relative)));
  const sizeBytes = all.reduce((sum, file) => sum + file.sizeBytes, 0);
  let doneBytes = 0;
  /** Bytes of files that are being sent. */
  const underWay = new Map<LocalFile, number>();
  const report = () => onProgress?.(doneBytes + [...underWay.values()].reduce((sum, it) => sum + it, 0), sizeBytes);
  const put = async (file: LocalFile): Promise<void> => {
    if (signal?.aborted) throw cancelled();
    let reportedBytes = 0;
    await store.put(joinArtifactPath(artifactPath, file.relative), file.file, (sentBytes) => {
      underWay.set(file, sentBytes);
      if (Math.abs(sentBytes - reportedBytes) < reportEveryBytes) return;
      reportedBytes = sentBytes;
      report();
    });
    underWay.delete(file);
    doneBytes += file.sizeBytes;
    report();
  };

  const before = await listDeep(store, artifactPath);
  if (before.length > 0) await store.remove(joinArtifactPath(artifactPath, request.last));
  try {
    for (const stale of before.filter((entry) => !wanted.has(entry.path))) await store.remove(stale.path);
    await inPairs(
      all.filter((file) => file !== lastFile),
      put,
    );
    await put(lastFile);
    checkListing(all, await listDeep(store, artifactPath), artifactPath);
    return { files: all.length, sizeBytes };
  } catch (error) {
    // A server that doesn't respond gets no further requests, because their time limits would add up.
    if (!isUncertain(error)) await store.remove(artifactPath).catch(() => undefined);
    throw error;
  }
}

/** Two at a time: one is sent while the server stores the other. */
async function inPairs<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  let isFailed = false;
  const worker = async (): Promise<void> => {
    for (let item = queue.shift(); item !== undefined && !isFailed; item = queue.shift()) {
      await work(item).catch((error) => {
        isFailed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled([worker(), worker()]);
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function checkListing(sent: readonly LocalFile[], listed: readonly ArtifactEntry[], artifactPath: string): void {
  const sizes = new Map(listed.map((entry) => [entry.path, entry.sizeBytes]));
  const wrong = sent.filter((file) => {
    const at = joinArtifactPath(artifactPath, file.relative);
    return !sizes.has(at) || (sizes.get(at) ?? file.sizeBytes) !== file.sizeBytes;
  });
  if (wrong.length === 0 && sizes.size === sent.length) return;
  throw new AppError({
    code: "tracking/artifact-changed",
    message: `The files on the server below '${artifactPath}' differ from those sent (${wrong.map((file) => file.relative).join(", ") || "there are more"}).`,
    hint: "Another program is writing there. Repeat the upload.",
  });
}

/**
 * Downloads a folder, completely or not at all. `into` is created or replaced when every file has its listed size.
 * @throws tracking/not-found if the folder has no files
 */
export async function downloadFolder(request: Transfer & { readonly into: string }): Promise<Transferred> {
  const { store, artifactPath, into, signal, onProgress } = request;
  const files = await listDeep(store, artifactPath);
  if (files.length === 0) {
    throw new AppError({ code: "tracking/not-found", message: `There are no artifacts below '${artifactPath}'.` });
  }
  const totalBytes = files.reduce((sum, file) => sum + (file.sizeBytes ?? 0), 0);
  let doneBytes = 0;
  const temporary = temporaryPath(into);
  const get = async (entry: ArtifactEntry): Promise<void> => {
    if (signal?.aborted) throw cancelled();
    const relative = artifactPath === "" ? entry.path : entry.path.slice(artifactPath.length + 1);
    const file = path.join(temporary, joinArtifactPath(relative));
    mkdirSync(path.dirname(file), { recursive: true });
    const bytes = await store.get(entry.path, file);
    if (entry.sizeBytes !== undefined && (bytes !== entry.sizeBytes || statSync(file).size !== entry.sizeBytes)) {
      throw new AppError({
        code: "tracking/artifact-changed",
        message: `The artifact '${entry.path}' has ${bytes} bytes, but the server lists ${entry.sizeBytes}.`,
        hint: "It was changed meanwhile. Repeat the download.",
      });
    }
    fsyncFile(file);
    doneBytes += bytes;
    onProgress?.(doneBytes, totalBytes);
  };
  try {
    mkdirSync(temporary, { recursive: true });
    await inPairs(files, get);
    if (existsSync(into)) rmSync(into, { recursive: true });
    renameSync(temporary, into);
    fsyncFolder(path.dirname(into));
    return { files: files.length, sizeBytes: doneBytes };
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    throw fileError(error, "write", into);
  }
}
