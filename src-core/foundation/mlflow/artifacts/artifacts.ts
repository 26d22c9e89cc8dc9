import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { AppError } from "../../../contract/errors.ts";
import { makeScratch } from "../../files/scratch.ts";
import type { Http } from "../http/http.ts";
import type { RunCalls } from "../runs.ts";
import { downloadFolder, listDeep, type ReportBytes, type Transferred, uploadFolder } from "./artifact-folder.ts";
import { safeArtifactPath } from "./artifact-path.ts";
import { artifactStore } from "./artifact-store.ts";
import type { ArtifactEntry } from "./artifact-types.ts";

export interface RunArtifact {
  readonly runId: string;
  /** Relative to the run's artifacts; POSIX. */
  readonly artifactPath: string;
}

interface Watched {
  readonly signal?: AbortSignal;
  readonly onProgress?: ReportBytes;
}

export interface ArtifactCalls {
  /** Uploads completely or not at all, with `last` ("MLmodel") after all other files. See `uploadFolder` in artifact-folder.ts. */
  readonly uploadFolder: (
    upload: RunArtifact & Watched & { readonly folder: string; readonly last: string },
  ) => Promise<Transferred>;
  /** Downloads completely or not at all, and replaces `into`, an absolute path. */
  readonly downloadFolder: (download: RunArtifact & Watched & { readonly into: string }) => Promise<Transferred>;
  /** Writes a text artifact and reads it back. */
  readonly uploadText: (upload: RunArtifact & { readonly text: string }) => Promise<void>;
  readonly readText: (artifact: RunArtifact) => Promise<string>;
  /** Lists all files below the path, with their sizes. */
  readonly listArtifacts: (artifact: RunArtifact) => Promise<readonly ArtifactEntry[]>;
  readonly deleteArtifact: (artifact: RunArtifact) => Promise<void>;
  /**
   * Writes, reads and deletes a small file in a run's artifacts, or below a root (the `artifactLocation` of an experiment).
   * @throws if it can't be written; tracking/artifact-changed if it comes back different
   */
  readonly probeArtifacts: (where: { readonly runId: string } | { readonly artifactRoot: string }) => Promise<void>;
}

export function artifactCalls(http: Http, getRun: RunCalls["getRun"]): ArtifactCalls {
  /** The place of a run's artifacts never changes. */
  const roots = new Map<string, string>();
  const storeOf = async (runId: string) => {
    const uri = roots.get(runId) ?? (await getRun(runId)).artifactUri;
    roots.set(runId, uri);
    return artifactStore(http, uri);
  };
  const of = async <T extends RunArtifact>(request: T) => ({
    ...request,
    artifactPath: safeArtifactPath(request.artifactPath),
    store: await storeOf(request.runId),
  });

  return {
    uploadFolder: async (request) => await uploadFolder(await of(request)),
    downloadFolder: async (request) => await downloadFolder(await of(request)),
    uploadText: async (request) => {
      const { store, artifactPath, text } = await of(request);
      await inScratch(async (folder) => {
        const sent = path.join(folder, "sent");
        const back = path.join(folder, "back");
        writeFileSync(sent, text);
        await store.put(artifactPath, sent);
        await store.get(artifactPath, back);
        if (!readFileSync(sent).equals(readFileSync(back))) throw changed(artifactPath);
      });
    },
    readText: async (request) => {
      const { store, artifactPath } = await of(request);
      return await inScratch(async (folder) => {
        const file = path.join(folder, "got");
        await store.get(artifactPath, file);
        return readFileSync(file, "utf8");
      });
    },
    listArtifacts: async (request) => {
      const { store, artifactPath } = await of(request);
      return await listDeep(store, artifactPath);
    },
    deleteArtifact: async (request) => {
      const { store, artifactPath } = await of(request);
      await store.remove(artifactPath);
    },
    probeArtifacts: async (where) => {
      const store = "runId" in where ? await storeOf(where.runId) : artifactStore(http, where.artifactRoot);
      const name = `signalbox-probe-${randomBytes(8).toString("hex")}`;
      await inScratch(async (folder) => {
        const sent = path.join(folder, name);
        writeFileSync(sent, name);
        try {
          await store.put(name, sent);
          await store.get(name, `${sent}-back`);
          if (readFileSync(`${sent}-back`, "utf8") !== name) throw changed(name);
        } finally {
          await store.remove(name);
        }
      });
    },
  };
}

function changed(artifactPath: string): AppError {
  return new AppError({
    code: "tracking/artifact-changed",
    message: `The artifact '${artifactPath}' came back different from what was sent.`,
    hint: "Check the server's artifact store and its disk.",
  });
}

async function inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = makeScratch("signalbox-artifact-");
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
