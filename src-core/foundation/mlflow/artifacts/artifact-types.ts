export interface ArtifactEntry {
  /** Relative to the store's root; POSIX. */
  readonly path: string;
  readonly isFolder: boolean;
  readonly sizeBytes: number | undefined;
}

/** The artifacts below a root (of a run or an experiment). Paths are relative to it, and the store makes them safe. */
export interface ArtifactStore {
  /** Lists the entries of a folder; none for a missing folder. */
  readonly list: (folder: string) => Promise<readonly ArtifactEntry[]>;
  /** `onBytes` is called with the bytes of the file that were sent so far; from 0 again if the request is repeated. */
  readonly put: (path: string, file: string, onBytes?: (sentBytes: number) => void) => Promise<void>;
  /** Writes a new local file; returns its bytes. */
  readonly get: (path: string, file: string) => Promise<number>;
  /** Removes a file or a whole folder; a missing one isn't an error. */
  readonly remove: (path: string) => Promise<void>;
}
