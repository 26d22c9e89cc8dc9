import type { Implementations } from "../../contract/operation.ts";
import type { projectsOperations } from "../../contract/projects.ts";
import type { Core, Project } from "../../foundation/context.ts";

interface ProjectTools {
  /** Reads the project in a folder and resolves its active versions. */
  readonly proveProject: (root: string) => Project;
  /** Makes `.dvc/` in a folder as dvc does; loaded when it is needed. */
  readonly loadInitDvc: () => Promise<(root: string, options: { readonly isNoScm: boolean }) => readonly string[]>;
}

export function projectsOps(core: Core, tools: ProjectTools): Implementations<typeof projectsOperations> {
  return {
    "projects.init": async (input, context) => {
      const { initProject } = await import("./init/init.ts");
      const initDvc = await tools.loadInitDvc();
      return initProject(
        input,
        {
          env: core.env,
          cwd: input.workingFolder ?? core.projectDir,
          initDvc,
          proveProject: tools.proveProject,
        },
        context,
      );
    },
  };
}
