import { globSync, statSync } from "node:fs";
import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import { fileSha256 } from "./file-sha256.ts";

interface MasterFiles {
  /** Absolute, sorted by code point. */
  readonly files: readonly string[];
  readonly sha256: string;
}

/** The same while the hash is being computed; a caller that doesn't await it never sees a failure. */
export interface HashedMaster {
  readonly files: MasterFiles["files"];
  readonly sha256: Promise<string>;
}

interface MasterList {
  readonly files: MasterFiles["files"];
  /** The same below the project, POSIX. */
  readonly relative: readonly string[];
  readonly isGlob: boolean;
}

/** @throws splits/master-missing, files/* */
export async function masterFiles(root: string, master: string): Promise<MasterFiles> {
  const { files, sha256 } = hashMaster(root, master);
  return { files, sha256: await sha256 };
}

/**
 * Finds the files of `master` (a file, or a glob of Parquet) below the project and starts hashing them.
 * @throws splits/master-missing
 */
export function hashMaster(root: string, master: string): HashedMaster {
  const list = listMaster(root, master);
  const digest = masterDigest(list);
  digest.catch(() => undefined);
  return { files: list.files, sha256: digest };
}

function listMaster(root: string, master: string): MasterList {
  const isGlob = /[*?[\]{}]/.test(master);
  const found = isGlob ? globSync(master, { cwd: root }).filter((file) => /\.(parquet|pq)$/i.test(file)) : [master];
  const relative = found
    .map((file) => file.split(path.sep).join("/"))
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const files = relative.map((file) => path.join(root, file));
  if (files.length === 0 || files.some((file) => !isFile(file))) {
    throw new AppError({
      code: "splits/master-missing",
      message: `The master table ${path.join(root, master)} ${isGlob ? "matches no Parquet file" : "doesn't exist"}.`,
      hint: isGlob
        ? "Put the files there, restore them, or correct `master` in signalbox.yaml. Only Parquet files can be several; write others as one."
        : "Put it there, restore it, or correct `master` in signalbox.yaml.",
      next: [nextStep("data.status", {}, "shows what brings it back")],
      details: { file: path.join(root, master) },
    });
  }
  return { files, relative, isGlob };
}

/** sha256 of the bytes for one file, of the sorted lines `<sha256>  <relative path>\n` for a glob. */
async function masterDigest({ files, relative, isGlob }: MasterList): Promise<string> {
  const digests: string[] = [];
  for (const file of files) digests.push((await fileSha256(file)).sha256);
  const [only] = digests;
  if (!isGlob && only !== undefined) return only;
  return sha256(digests.map((digest, index) => `${digest}  ${relative[index]}\n`).join(""));
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}
