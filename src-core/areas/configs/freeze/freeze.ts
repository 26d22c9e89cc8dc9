import path from "node:path";
import { programStep } from "../../../contract/build-step.ts";
import { type ConfigKind, configKinds, keptPath, versionPath } from "../../../contract/configs/config-kinds.ts";
import type { ResolvedConfigs } from "../../../contract/configs/resolved.ts";
import { AppError } from "../../../contract/errors.ts";
import type { ProgramStep } from "../../../contract/next-step.ts";
import type { Catalogue } from "../../../foundation/catalogue/open.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";
import { configVersion, insertConfigVersion } from "../store.ts";
import { type Frozen, updateFrozen, withFrozenConfig } from "./frozen.ts";
import { isKept, keepVersion } from "./kept.ts";
import { existingVersions, kindNames, kinds, nextFreeVersion } from "./versions.ts";

/** What freezing needs to know about a resolved file. */
interface UsedVersion {
  readonly kind: ConfigKind;
  readonly version: number;
  readonly digest: string;
}

export function usedVersions(configs: ResolvedConfigs): readonly UsedVersion[] {
  return kinds.map((kind) => configs[configKinds[kind].resolved]);
}

/**
 * Refuses a version whose file is no longer what a run used.
 * @throws configs/version-changed , which names the next free number
 */
export function checkFrozen(paths: ProjectPaths, used: readonly UsedVersion[], frozen: Frozen): void {
  for (const { kind, version, digest } of used) {
    const recorded = frozen.configs[kind][String(version)];
    if (recorded !== undefined && recorded !== digest) {
      throw changed(paths, { kind, version, digest }, { recorded, frozen });
    }
  }
}

function changed(
  paths: ProjectPaths,
  { kind, version, digest }: UsedVersion,
  { recorded, frozen }: { readonly recorded: string; readonly frozen: Frozen },
): AppError {
  const file = versionPath(kind, version);
  const next = nextFree(paths, kind, frozen);
  const nextFile = versionPath(kind, next);
  return new AppError({
    code: "configs/version-changed",
    message: `${file} was changed after a run used it: its sha256 is ${digest.slice(0, 12)}…, the run used ${recorded.slice(0, 12)}….`,
    hint: `Keep your edit as the next free version and restore this one; then use the new version with --set ${kind}_version=${next}.`,
    next: [keeping(paths, kind, { from: version, to: next }), restoring(paths, { kind, version, digest: recorded })],
    details: { file, kind: kindNames[kind], version, digest, recorded, nextVersion: next, nextFile },
  });
}

/** The next number of a kind that no file and no used version has. */
export function nextFree(paths: ProjectPaths, kind: ConfigKind, frozen: Frozen): number {
  return nextFreeVersion(existingVersions(paths, kind), Object.keys(frozen.configs[kind]).map(Number));
}

/** Keeps an edited file as another version. */
export function keeping(
  { root }: Pick<ProjectPaths, "root">,
  kind: ConfigKind,
  { from, to }: { readonly from: number; readonly to: number },
): ProgramStep {
  const at = (version: number) => path.join(root, versionPath(kind, version));
  return programStep(["cp", at(from), at(to)], "keeps your edit");
}

/** Restores that one file: from where its content is kept, else from git. */
export function restoring(paths: Pick<ProjectPaths, "root">, recorded: UsedVersion): ProgramStep {
  const file = versionPath(recorded.kind, recorded.version);
  const why = "restores the version that the run used";
  return isKept(paths, recorded)
    ? programStep(
        ["cp", path.join(paths.root, keptPath(recorded.kind, recorded.version)), path.join(paths.root, file)],
        why,
      )
    : programStep(["git", "-C", paths.root, "checkout", "--", file], why);
}

/**
 * Records the versions a run uses, and keeps their content, the first time each is used. Idempotent.
 * @throws configs/version-changed if a file differs from what was recorded
 */
export function freeze(
  { paths, catalogue, now }: { readonly paths: ProjectPaths; readonly catalogue: Catalogue; readonly now: Date },
  configs: ResolvedConfigs,
  runId: string,
): Frozen {
  const used = usedVersions(configs);
  return updateFrozen(paths, catalogue, (frozen, writer) => {
    checkFrozen(paths, used, frozen);
    return used.reduce((so, { kind, version, digest }) => {
      const indexed = configVersion(writer, kind, version);
      // The tracked file may have been lost or reverted; what the catalogue still knows is kept.
      if (indexed && indexed.digest !== digest) {
        throw changed(paths, { kind, version, digest }, { recorded: indexed.digest, frozen });
      }
      keepVersion(paths, { kind, version, digest });
      insertConfigVersion(writer, { kind, version, digest, firstRunId: runId, frozenAt: now.getTime() });
      return withFrozenConfig(so, { kind, version, digest });
    }, frozen);
  });
}
