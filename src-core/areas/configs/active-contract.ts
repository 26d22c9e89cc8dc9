import { versionPath } from "../../contract/configs/config-kinds.ts";
import { type DataContract, dataContractSchema } from "../../contract/configs/data-contract.ts";
import { type ProjectConfig, projectConfigSchema } from "../../contract/configs/project-config.ts";
import type { ProjectPaths } from "../../foundation/files/paths.ts";
import { loadActive } from "./project.ts";
import { type ConfigFile, readConfig } from "./read/read-config.ts";

/** signalbox.yaml and the active data contract, with the file each was read from. @throws configs/* */
export function readActiveContract(
  paths: ProjectPaths,
): readonly [ConfigFile<ProjectConfig>, ConfigFile<DataContract>] {
  const version = loadActive(paths).value.data_contract_version;
  return [
    readConfig(paths.root, "signalbox.yaml", projectConfigSchema),
    readConfig(paths.root, versionPath("data_contract", version), dataContractSchema),
  ];
}
