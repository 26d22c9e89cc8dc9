import { projectConfigSchema } from "../../src-core/contract/configs/project-config.ts";
import type { Project } from "../../src-core/foundation/context.ts";
import { projectPaths } from "../../src-core/foundation/files/paths.ts";
import { projectId } from "./plain-project.ts";

const plain = {
  version: 2,
  name: "tried",
  id: projectId,
  type: "mlflow_model",
  task: "regression",
  master: "m.parquet",
  target: "y",
};

/** A project as its signalbox.yaml would describe it, without the file. */
export function madeProject(root: string, config: object = {}): Project {
  return {
    paths: projectPaths(root),
    config: projectConfigSchema.parse({ ...plain, ...config }),
    experiment: "tried_training",
    registeredModel: "tried_model",
  };
}
