import type { HashName } from "../../../foundation/store/store-files.ts";

/** A file or folder under DVC, as a `.dvc` file or `dvc.lock` records it. */
export interface Output {
  /** Relative to the repository's root, POSIX. */
  readonly path: string;
  /** The `.dvc` file or `dvc.lock` that records it; relative to the root, POSIX. */
  readonly dvcFile: string;
  readonly hashName: HashName;
  /** `….dir` for a folder; null if nothing is recorded yet. */
  readonly hash: string | null;
  readonly sizeBytes: number | null;
  /** Number of files of a folder; null for a file. */
  readonly files: number | null;
  readonly isExecutable: boolean;
  /** False for an output that DVC doesn't keep in its cache. */
  readonly isCached: boolean;
  readonly canPush: boolean;
  /** The remote its data goes to, if the output names one. */
  readonly remote: string | null;
}

/** The recorded facts of a content. */
export interface ContentFact {
  readonly hash: string;
  readonly sizeBytes: number;
  /** Number of files of a folder; null for a file. */
  readonly files: number | null;
  readonly isExecutable: boolean;
}

export function isFolderHash(hash: string): boolean {
  return hash.endsWith(".dir");
}
