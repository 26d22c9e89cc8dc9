import { existsSync } from "node:fs";
import path from "node:path";
import type { CatalogueReader } from "../../../foundation/catalogue/open.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";
import { endedOperations, hasActiveOperation } from "../../operations/active-store.ts";
import { promotedRuns } from "../../promotion/store.ts";
import { endedRunsWithModel } from "../../runs/store.ts";
import type { Candidate } from "./free.ts";
import { lastChangeOf, sizeOf } from "./sizes.ts";
import { readdirIfThere } from "./unused.ts";

const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

interface Look {
  readonly paths: ProjectPaths;
  readonly catalogue: CatalogueReader;
  /** ms since 1970; what changed later is kept. */
  readonly since: number;
}

/** Lists what a project could free: its cache, folders of finished operations, job outputs of old runs. */
export function projectCandidates(look: Look): readonly Candidate[] {
  return [...cacheCandidates(look), ...operationCandidates(look), ...runCandidates(look)];
}

function cacheCandidates({ paths, catalogue, since }: Look): readonly Candidate[] {
  const isBusy = hasActiveOperation(catalogue);
  return readdirIfThere(paths.cache).map((name) => {
    const file = path.join(paths.cache, name);
    const changed = lastChangeOf(file);
    const reason = isBusy ? "an operation is running" : `rebuilt when needed; last changed ${day(changed)}`;
    return { kind: "cache", path: file, sizeBytes: sizeOf(file), reason, mayGo: !isBusy && changed <= since };
  });
}

function operationCandidates({ paths, catalogue, since }: Look): readonly Candidate[] {
  const ended = endedOperations(catalogue);
  return readdirIfThere(paths.operations)
    .filter((name) => ended.has(name))
    .map((name) => {
      const folder = path.join(paths.operations, name);
      const changed = lastChangeOf(folder);
      const reason = `progress of a finished operation; ${day(changed)}`;
      return { kind: "operation", path: folder, sizeBytes: sizeOf(folder), reason, mayGo: changed <= since };
    });
}

/** Keeps the records and logs of a run. Only the outputs of its jobs, which MLflow also has, are worth freeing. */
function runCandidates({ paths, catalogue, since }: Look): readonly Candidate[] {
  const promoted = promotedRuns(catalogue);
  return endedRunsWithModel(catalogue).flatMap((run, index) =>
    readdirIfThere(path.join(paths.runs, run))
      .map((job) => path.join(paths.runs, run, job, "outputs"))
      .filter((folder) => existsSync(folder))
      .map((folder) => {
        const changed = lastChangeOf(folder);
        const stays = promoted.has(run) ? "was production" : index === 0 ? "the latest run" : undefined;
        const reason = stays ?? `its model is in MLflow; ended ${day(changed)}`;
        const mayGo = stays === undefined && changed <= since;
        return { kind: "run" as const, path: folder, sizeBytes: sizeOf(folder), reason, mayGo };
      }),
  );
}
