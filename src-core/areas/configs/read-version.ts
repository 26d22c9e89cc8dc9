import { type ConfigKind, versionPath } from "../../contract/configs/config-kinds.ts";
import { dataContractSchema } from "../../contract/configs/data-contract.ts";
import { featureSchemaSchema } from "../../contract/configs/feature-schema.ts";
import { modelSchemaSchema } from "../../contract/configs/model-schema.ts";
import { splitSchemaSchema } from "../../contract/configs/split-schema.ts";
import { AppError } from "../../contract/errors.ts";
import type { Project } from "../../foundation/context.ts";
import { existingVersions, kindNames } from "./freeze/versions.ts";
import { type ConfigFile, readConfig } from "./read/read-config.ts";

const schemas = {
  data_contract: dataContractSchema,
  split: splitSchemaSchema,
  feature: featureSchemaSchema,
  model: modelSchemaSchema,
} as const;

/** @throws configs/version-not-found, and whatever a strict reading of the file can raise */
export function readVersion(
  project: Project,
  kind: ConfigKind,
  version: number,
): ConfigFile<Readonly<Record<string, unknown>>> {
  const existing = existingVersions(project.paths, kind);
  if (!existing.includes(version)) {
    throw new AppError({
      code: "configs/version-not-found",
      message: `There is no ${kindNames[kind]} version ${version}; ${existing.length === 0 ? "none exists" : `existing: ${existing.join(", ")}`}.`,
      hint: `Choose an existing version, or write ${versionPath(kind, version)}.`,
      details: { kind, version, existing, file: versionPath(kind, version) },
    });
  }
  return readConfig(project.paths.root, versionPath(kind, version), schemas[kind]);
}
