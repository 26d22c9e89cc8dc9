import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { programStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { ProgramStep } from "../../../contract/next-step.ts";
import type { Environment } from "../../../foundation/context.ts";
import { fileError, fsyncFolder, temporaryPath } from "../../../foundation/files/durable.ts";
import {
  cleanStore,
  hasObject,
  missingObject,
  type ObjectStore,
  objectPath,
  readDirObject,
  sealObject,
  withStaging,
} from "../../../foundation/store/cache.ts";
import { hashFiles } from "../../../foundation/store/hash-pool.ts";
import type { HashName } from "../../../foundation/store/store-files.ts";
import { adopt } from "../cache/content.ts";
import type { Remote } from "../dvc/dvc-config.ts";
import { isFolderHash, type Output } from "../dvc/output.ts";
import type { Repository } from "../repository.ts";

/**
 * Finds the remote of that name, or the default one.
 * @throws versioning/no-remote
 */
export function remoteOf(repository: Repository, name: string | undefined): Remote {
  const { remotes, defaultRemote } = repository.config;
  const wanted = name ?? defaultRemote;
  const found = remotes.find((remote) => remote.name === wanted);
  if (found) return found;
  const known = remotes.map((remote) => remote.name);
  throw new AppError({
    code: "versioning/no-remote",
    message: wanted ? `There is no DVC remote "${wanted}".` : "No default DVC remote is configured.",
    ...(known[0] === undefined
      ? {
          hint: "Add one to .dvc/config; it needs the content, which is sent there from where the data was added.",
          next: [
            setting(repository, ["remote.storage.url", "/path/to/folder"], "adds a folder"),
            setting(repository, ["core.remote", "storage"], "makes it the default"),
          ],
        }
      : {
          hint: `Name one with --remote (known: ${known.join(", ")}), or set a default.`,
          next: [setting(repository, ["core.remote", known[0]], "makes it the default")],
        }),
    details: { wanted: wanted ?? null, known },
  });
}

/** A change of DVC's configuration that needs no DVC: git reads and writes the same format. */
function setting({ root }: Repository, [key, value]: readonly [string, string], why: string): ProgramStep {
  return programStep(["git", "config", "--file", path.join(root, ".dvc", "config"), key, value], why);
}

export type RemoteKind = "folder" | "ssh" | "cloud";

export function remoteKind(remote: Remote): RemoteKind {
  if (path.isAbsolute(remote.url)) return "folder";
  return /^ssh:|^[\w.-]+@[\w.-]+:/.test(remote.url) ? "ssh" : "cloud";
}

/** @throws versioning/remote-unsupported for anything but a folder of this machine */
export function refuseSsh(remote: Remote): AppError {
  return new AppError({
    code: "versioning/remote-unsupported",
    message: `The remote "${remote.name}" (${remote.url}) needs SSH, which this version doesn't support.`,
    hint: "Use a remote that is a folder, or DVC's own program.",
    next: [programStep(["dvc", "push"], "sends"), programStep(["dvc", "pull"], "fetches")],
    details: { remote: remote.name },
  });
}

/** Leaves a transfer to the user's own `dvc`, which supports S3, GCS and Azure. @throws versioning/remote-unsupported, versioning/dvc-failed */
export function callDvc(repository: Repository, args: readonly string[], env: Environment): void {
  const { status, error, stderr } = spawnSync("dvc", args, {
    cwd: repository.root,
    env: { ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error && "code" in error && error.code === "ENOENT") {
    throw new AppError({
      code: "versioning/remote-unsupported",
      message: "This kind of remote needs the `dvc` program, which isn't installed.",
      hint: "Install it with the extra that the remote needs.",
      next: [programStep(["uv", "tool", "install", "dvc[s3]"], "installs it for S3")],
      details: { args },
    });
  }
  if (status !== 0) {
    throw new AppError({
      code: "versioning/dvc-failed",
      message: `dvc ${args.join(" ")} failed: ${error?.message ?? (stderr.trim().split("\n").slice(-3).join(" ") || `exit code ${status}`)}`,
      hint: "Run the same command in a terminal to see its whole output.",
      details: { args, status },
      cause: error,
    });
  }
}

export interface Transfer {
  readonly from: ObjectStore;
  readonly to: ObjectStore;
  readonly outputs: readonly Output[];
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
}

export interface Transferred {
  readonly objects: number;
  readonly bytes: number;
}

/**
 * Copies the objects of outputs that the other store doesn't have. Each is hashed while it is copied and gets its name only
 * if the hash is right. A folder's listing goes last, so a listing in a store means that its files are there.
 * @throws versioning/object-missing, versioning/object-corrupt, files/*
 */
export async function transfer(request: Transfer): Promise<Transferred> {
  cleanStore(request.to);
  let sum = { objects: 0, bytes: 0 };
  for (const hashName of ["md5", "md5-dos2unix"] as const) {
    const hashes = request.outputs.flatMap((output) =>
      output.hash !== null && output.isCached && output.hashName === hashName ? [output.hash] : [],
    );
    const folders = hashes.filter(isFolderHash);
    // The listing may be in either store; an interrupted copy left none in the receiving store.
    const files = folders.flatMap((hash) => listing(request, hash, hashName).map(({ md5 }) => md5));
    const plain = [...hashes.filter((hash) => !isFolderHash(hash)), ...files];
    for (const group of [plain, folders]) {
      const moved = await copyObjects(request, group, hashName);
      sum = { objects: sum.objects + moved.objects, bytes: sum.bytes + moved.bytes };
    }
  }
  return sum;
}

function listing({ from, to }: Transfer, hash: string, hashName: HashName) {
  return readDirObject(hasObject(from, hash, hashName) ? from : to, hash, hashName);
}

async function copyObjects(request: Transfer, wanted: readonly string[], hashName: HashName): Promise<Transferred> {
  const { from, to } = request;
  const hashes = [...new Set(wanted)].filter((hash) => !hasObject(to, hash, hashName));
  const objects = hashes.map((hash) => {
    const file = objectPath(from, hash, hashName);
    const stats = lstatSync(file, { throwIfNoEntry: false });
    if (!stats) throw missingObject(hash, from);
    return { hash, file, sizeBytes: stats.size };
  });
  const total = objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (objects.length === 0) return { objects: 0, bytes: 0 };
  // Listings and objects of DVC 2.x have names that aren't just the md5 of their bytes: they are few, so they are copied one by one.
  if (hashName !== "md5" || objects.some(({ hash }) => isFolderHash(hash))) {
    for (const object of objects) await copyOne(to, { ...object, hashName });
    return { objects: objects.length, bytes: total };
  }
  let done = 0;
  await withStaging(to, async (staging) => {
    const hashed = await hashFiles({
      files: objects,
      hashName,
      staging,
      signal: request.signal,
      onBytes: (bytes) => {
        done += bytes;
        request.onBytes?.(done, total);
      },
    });
    for (const [index, { hash, file }] of objects.entries())
      if (hashed[index] !== hash) throw corrupt(file, hash, hashed[index]);
    await adopt(to, staging, { files: objects, hashes: hashed });
  });
  return { objects: objects.length, bytes: total };
}

interface StoredObject {
  readonly hash: string;
  readonly file: string;
  readonly sizeBytes: number;
}

async function copyOne(
  to: ObjectStore,
  { hash, file, sizeBytes, hashName }: StoredObject & { readonly hashName: HashName },
): Promise<void> {
  const contentHash = isFolderHash(hash) ? "md5" : hashName;
  const target = objectPath(to, hash, hashName);
  const temporary = temporaryPath(path.join(to.folder, "files", "object"));
  try {
    mkdirSync(path.dirname(target), { recursive: true });
    mkdirSync(path.dirname(temporary), { recursive: true });
    copyFileSync(file, temporary);
    const [hashed] = await hashFiles({
      files: [{ file: temporary, sizeBytes }],
      hashName: contentHash,
      staging: null,
    });
    if (hashed !== hash.slice(0, 32)) throw corrupt(file, hash, hashed);
    sealObject(temporary);
    renameSync(temporary, target);
    fsyncFolder(path.dirname(target));
  } catch (error) {
    throw fileError(error, "copy to", target);
  } finally {
    if (existsSync(temporary)) rmSync(temporary, { force: true });
  }
}

function corrupt(file: string, hash: string, found: string | undefined): AppError {
  return new AppError({
    code: "versioning/object-corrupt",
    message: `${file} is damaged: its content has the md5 ${found ?? "?"}, but its name says ${hash}.`,
    hint: "Delete that object and fetch it from another store, or add the original data again.",
    details: { file, expected: hash, found: found ?? null },
  });
}
