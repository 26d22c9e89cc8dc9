import type { Implementations } from "../../contract/operation.ts";
import type { projectsOperations } from "../../contract/projects.ts";
import { drawId } from "./draw-id.ts";
import type { ProjectsCore, ProjectsNeeds } from "./needs.ts";

export function projectsOps(core: ProjectsCore, tools: ProjectsNeeds): Implementations<typeof projectsOperations> {
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
          drawId,
          proveProject: tools.proveProject,
        },
        context,
      );
    },
    "projects.fork": async (input) => (await import("./fork/fork.ts")).forkProject(core, input, drawId),
  };
}
