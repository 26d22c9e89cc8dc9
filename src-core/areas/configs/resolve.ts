import { existsSync } from "node:fs";
import path from "node:path";
import type { ActiveConfig } from "../../contract/configs/active-config.ts";
import { type ConfigKind, configKinds, versionPath } from "../../contract/configs/config-kinds.ts";
import { dataContractSchema } from "../../contract/configs/data-contract.ts";
import { featureSchemaSchema } from "../../contract/configs/feature-schema.ts";
import { modelSchemaSchema } from "../../contract/configs/model-schema.ts";
import { projectConfigSchema, type Task } from "../../contract/configs/project-config.ts";
import { promotionConfigSchema } from "../../contract/configs/promotion-config.ts";
import type { ResolvedConfigs, ResolvedFile } from "../../contract/configs/resolved.ts";
import { splitSchemaSchema } from "../../contract/configs/split-schema.ts";
import { AppError } from "../../contract/errors.ts";
import type { Project } from "../../foundation/context.ts";
import { fileDigest } from "../../foundation/files/digest.ts";
import { projectFile } from "../../foundation/files/find-project.ts";
import type { ProjectPaths } from "../../foundation/files/paths.ts";
import { checkContract } from "./check/check-contract.ts";
import { checkFeatures } from "./check/check-features.ts";
import { checkModel } from "./check/check-model.ts";
import { checkPromotion } from "./check/check-promotion.ts";
import { checkSplit } from "./check/check-split.ts";
import type { ConfigSet } from "./check/findings.ts";
import { checkFrozen, restoring, usedVersions } from "./freeze/freeze.ts";
import { type Frozen, readFrozen } from "./freeze/frozen.ts";
import { existingVersions, kindNames, kinds } from "./freeze/versions.ts";
import type { VersionOverrides } from "./overrides.ts";
import { loadActive } from "./project.ts";
import { placeText, problemError } from "./read/problems.ts";
import { type ConfigFile, readConfig } from "./read/read-config.ts";

const projectGate = "configs/promotion.yaml";

/** A gate's file, project-relative, and the task of the models it judges. */
export interface Gate {
  readonly file: string;
  readonly task: Task;
}

/**
 * The versions a run uses: the requested one, else the active default; there is no other fallback. Every file is read
 * strictly, then checked against the others and against what is frozen.
 * @throws configs/*, splits/leakage for a feature that is known only after the decision
 */
export function resolveConfigs({
  project,
  overrides = {},
  gate,
}: {
  readonly project: Project;
  readonly overrides?: VersionOverrides;
  /** Another gate than the project's, and the task it judges, for a target that has its own. */
  readonly gate?: Gate | undefined;
}): ResolvedConfigs {
  const { paths } = project;
  const promotionFile = gate?.file ?? projectGate;
  const active = loadActive(paths);
  const versions = chooseVersions(paths, active, overrides);
  const frozen = readFrozen(paths);
  const read = <S extends Parameters<typeof readConfig>[2]>(kind: ConfigKind, schema: S) => {
    try {
      return readConfig(paths.root, versionPath(kind, versions[kind]), schema);
    } catch (error) {
      throw ofUsed(paths, frozen, { kind, version: versions[kind], error });
    }
  };
  const set: ConfigSet = {
    project: readConfig(paths.root, projectFile, projectConfigSchema),
    active,
    contract: read("data_contract", dataContractSchema),
    split: read("split", splitSchemaSchema),
    feature: read("feature", featureSchemaSchema),
    model: read("model", modelSchemaSchema),
    promotion: readConfig(paths.root, promotionFile, promotionConfigSchema),
  };
  const problems = [
    ...checkContract(set),
    ...checkSplit(set),
    ...checkFeatures(set),
    ...checkModel(set),
    ...checkPromotion(set, gate?.task),
  ];
  if (problems.length > 0) throw problemError(problems);
  const resolved = <T>(kind: ConfigKind, { file, digest, value }: ConfigFile<T>): ResolvedFile<T> => ({
    kind,
    version: versions[kind],
    path: file,
    digest,
    value,
  });
  const configs: ResolvedConfigs = {
    dataContract: resolved("data_contract", set.contract),
    split: resolved("split", set.split),
    feature: resolved("feature", set.feature),
    model: resolved("model", set.model),
    promotion: { path: promotionFile, digest: set.promotion.digest, value: set.promotion.value },
  };
  checkFrozen(paths, usedVersions(configs), frozen);
  return configs;
}

/** What is wrong in a version that a run used came after it: the way back is its content. */
function ofUsed(
  paths: ProjectPaths,
  frozen: Frozen,
  it: { readonly kind: ConfigKind; readonly version: number; readonly error: unknown },
): unknown {
  const { kind, version, error } = it;
  const digest = frozen.configs[kind][String(version)];
  const file = path.join(paths.root, versionPath(kind, version));
  const isChanged = !existsSync(file) || fileDigest(file) !== digest;
  if (digest === undefined || !isChanged || !(error instanceof AppError)) return error;
  return new AppError({
    code: error.code,
    message: error.message,
    hint: "A run used this version, and the file was changed since. Restore it, and write an edit as a new version.",
    next: [restoring(paths, { kind, version, digest })],
    details: error.details,
    cause: error,
  });
}

type Versions = Readonly<Record<ConfigKind, number>>;

function chooseVersions(paths: ProjectPaths, active: ConfigFile<ActiveConfig>, overrides: VersionOverrides): Versions {
  const choose = (kind: ConfigKind): number => {
    const { key } = configKinds[kind];
    const requested = overrides[key];
    const version = requested ?? active.value[key];
    const from = requested === undefined ? placeText(active.source.placeOf([key])) : `the setting ${key}`;
    const existing = existingVersions(paths, kind);
    if (!existing.includes(version))
      throw ofUsed(paths, readFrozen(paths), { kind, version, error: notFound(kind, version, { from, existing }) });
    const allowed = active.value.allowed?.[kind];
    if (allowed && !allowed.includes(version)) throw notAllowed(kind, version, { active, allowed });
    return version;
  };
  // `kinds` names every kind; the type of Object.fromEntries can't express that.
  return Object.fromEntries(kinds.map((kind) => [kind, choose(kind)])) as Record<ConfigKind, number>;
}

function notFound(
  kind: ConfigKind,
  version: number,
  { from, existing }: { readonly from: string; readonly existing: readonly number[] },
): AppError {
  const list = existing.length === 0 ? "none exists" : `existing: ${existing.join(", ")}`;
  return new AppError({
    code: "configs/version-not-found",
    message: `There is no ${kindNames[kind]} version ${version} (requested by ${from}); ${list}.`,
    hint: `Choose an existing version, or write ${versionPath(kind, version)}.`,
    details: { kind, version, existing, file: versionPath(kind, version) },
  });
}

function notAllowed(
  kind: ConfigKind,
  version: number,
  { active, allowed }: { readonly active: ConfigFile<ActiveConfig>; readonly allowed: readonly number[] },
): AppError {
  const place = active.source.placeOf(["allowed", kind]);
  return new AppError({
    code: "configs/version-not-allowed",
    message: `${placeText(place)}: ${kindNames[kind]} version ${version} exists but isn't allowed; allowed: ${allowed.join(", ") || "none"}.`,
    hint: `Choose an allowed version, or add ${version} to \`allowed.${kind}\`.`,
    details: { ...place, kind, version, allowed },
  });
}
