export interface ArtifactEntry {
  /** Relative to the store's root; POSIX. */
  readonly path: string;
  readonly isFolder: boolean;
  readonly sizeBytes: number | undefined;
}

/** The artifacts below one root (a run's, an experiment's). Paths are relative to it and made safe by the store. */
export interface ArtifactStore {
  /** The entries of one folder; none for a folder that isn't there. */
  readonly list: (folder: string) => Promise<readonly ArtifactEntry[]>;
  readonly put: (path: string, file: string) => Promise<void>;
  /** Writes a new local file; returns its bytes. */
  readonly get: (path: string, file: string) => Promise<number>;
  /** A file or a whole folder; what isn't there is no error. */
  readonly remove: (path: string) => Promise<void>;
}
