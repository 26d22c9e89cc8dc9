import { existsSync } from "node:fs";
import path from "node:path";
import type { Versioned } from "../../../contract/runs/stage-results.ts";
import { hasObject } from "../../../foundation/store/cache.ts";
import { isFolderHash } from "../dvc/output.ts";
import { cacheOf, openRepository } from "../repository.ts";
import { checkoutOutput } from "./checkout.ts";

/**
 * Puts a versioned file or folder of a project below another folder, as it was versioned, whatever the project holds now.
 * The copy shares nothing with the cache that a writer could change (reflink or copy, never a hard or symbolic link).
 * @returns false if the project's DVC cache doesn't hold it
 */
export async function placeVersioned(
  projectDir: string,
  { path: name, dvcFile, hash, files }: Versioned,
  into: { readonly folder: string; readonly signal: AbortSignal },
): Promise<boolean> {
  const repository = openRepository(projectDir);
  if (existsSync(path.join(into.folder, name))) return true;
  if (!hasObject(cacheOf(repository), hash, "md5")) return false;
  const elsewhere = {
    ...repository,
    root: into.folder,
    stateDir: null,
    config: { ...repository.config, linkTypes: ["reflink", "copy"] as const },
  };
  const output = {
    path: name,
    dvcFile,
    hashName: "md5" as const,
    hash,
    sizeBytes: null,
    files: isFolderHash(hash) ? files : null,
    isExecutable: false,
    isCached: true,
    canPush: false,
    remote: null,
  };
  const restored = await checkoutOutput(elsewhere, output, { isForced: false, signal: into.signal });
  return restored.added > 0;
}
