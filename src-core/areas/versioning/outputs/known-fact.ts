import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { walkFolder } from "../../../foundation/store/walk.ts";
import { factOf, fingerprintOf } from "../../../foundation/store/walk-files.ts";
import { isSame, readFileStates, readState } from "../cache/state.ts";
import type { ContentFact } from "../dvc/output.ts";
import type { Repository } from "../repository.ts";

/** What is at a path now, if it is remembered and unchanged since; null if it has to be hashed. */
export async function knownFact(repository: Repository, output: string): Promise<ContentFact | null> {
  const state = readState(repository.stateDir, output);
  if (state === null) return null;
  const target = path.join(repository.root, output);
  if (!existsSync(target)) return null;
  const stats = statSync(target);
  const isFolder = stats.isDirectory();
  if (isFolder !== (state.fact.files !== null)) return null;
  if (!isFolder) {
    const isExecutable = (stats.mode & 0o111) !== 0;
    return isSame(readFileStates(repository.stateDir, output).get(""), factOf(stats))
      ? { ...state.fact, isExecutable }
      : null;
  }
  if (state.fingerprint === null || !repository.ignore.isEmpty) return null;
  const walk = await walkFolder({ root: target, expectedFiles: state.fact.files ?? 0 });
  return fingerprintOf(walk) === state.fingerprint ? state.fact : null;
}
