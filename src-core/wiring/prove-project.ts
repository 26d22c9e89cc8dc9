import { loadProject } from "../areas/configs/project.ts";
import { resolveConfigs } from "../areas/configs/resolve.ts";
import type { Project } from "../foundation/context.ts";

/** Reads the project in a folder and resolves its active versions: the proof that a run can use it. @throws configs/* */
export function proveProject(root: string): Project {
  const project = loadProject(root);
  resolveConfigs({ project });
  return project;
}
