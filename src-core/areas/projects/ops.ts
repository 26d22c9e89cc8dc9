import type { Implementations } from "../../contract/operation.ts";
import type { projectsOperations } from "../../contract/projects.ts";
import type { Core } from "../../foundation/context.ts";
import type { ProjectsNeeds } from "./needs.ts";

export function projectsOps(
  core: Pick<Core, "env" | "projectDir">,
  tools: ProjectsNeeds,
): Implementations<typeof projectsOperations> {
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
