import { existsSync } from "node:fs";
import path from "node:path";
import { type ConfigKind, configKinds, versionPath } from "../../contract/configs/config-kinds.ts";
import type { ProgramStep } from "../../contract/next-step.ts";
import type { CatalogueReader } from "../../foundation/catalogue/open.ts";
import type { Project } from "../../foundation/context.ts";
import { fileDigest } from "../../foundation/files/digest.ts";
import { keeping, nextFree, restoring } from "./freeze/freeze.ts";
import { knownFrozen } from "./freeze/frozen.ts";
import { existingVersions, kinds } from "./freeze/versions.ts";
import { loadActive } from "./project.ts";
import { configVersion } from "./store.ts";

interface ListedVersion {
  readonly kind: ConfigKind;
  readonly version: number;
  readonly path: string;
  readonly digest: string | null;
  readonly isActive: boolean;
  readonly isAllowed: boolean;
  readonly isFrozen: boolean;
  readonly isChanged: boolean;
  readonly firstRunId: string | null;
}

/** Every version that exists or is frozen; the files themselves aren't parsed, so a broken one can be listed too. */
export function listVersions(
  project: Project,
  catalogue: CatalogueReader,
  only?: ConfigKind,
): readonly ListedVersion[] {
  const { paths } = project;
  const active = loadActive(paths).value;
  const frozen = knownFrozen(paths, catalogue);
  return kinds
    .filter((kind) => only === undefined || kind === only)
    .flatMap((kind) => {
      const versions = new Set([...existingVersions(paths, kind), ...Object.keys(frozen.configs[kind]).map(Number)]);
      return [...versions]
        .sort((a, b) => a - b)
        .map((version) => {
          const file = versionPath(kind, version);
          const absolute = path.join(paths.root, file);
          const digest = existsSync(absolute) ? fileDigest(absolute) : null;
          const recorded = frozen.configs[kind][String(version)];
          return {
            kind,
            version,
            path: file,
            digest,
            isActive: active[configKinds[kind].key] === version,
            isAllowed: active.allowed?.[kind]?.includes(version) ?? true,
            isFrozen: recorded !== undefined,
            isChanged: recorded !== undefined && recorded !== digest,
            firstRunId: configVersion(catalogue, kind, version)?.firstRunId ?? null,
          };
        });
    });
}

/** Files of the versions that are active and don't exist. */
export function missingActive({ paths }: Project): readonly string[] {
  const active = loadActive(paths).value;
  return kinds.flatMap((kind) => {
    const version = active[configKinds[kind].key];
    return existingVersions(paths, kind).includes(version) ? [] : [versionPath(kind, version)];
  });
}

/** The steps that bring back each frozen version that was changed or deleted, and keep what was written into it. */
export function repairs(
  { paths }: Project,
  catalogue: CatalogueReader,
  versions: readonly ListedVersion[],
): readonly ProgramStep[] {
  const frozen = knownFrozen(paths, catalogue);
  const kept = new Map<ConfigKind, number>();
  return versions.flatMap(({ kind, version, digest, isChanged }) => {
    const recorded = frozen.configs[kind][String(version)];
    if (!isChanged || recorded === undefined) return [];
    const restore = restoring(paths, { kind, version, digest: recorded });
    if (digest === null) return [restore];
    // Two edits of a kind become two versions.
    const next = kept.get(kind) ?? nextFree(paths, kind, frozen);
    kept.set(kind, next + 1);
    return [keeping(paths, kind, { from: version, to: next }), restore];
  });
}
