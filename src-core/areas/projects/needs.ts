import type { Core, Environment, Offers, Project } from "../../foundation/context.ts";

/** Dependencies of projects. */
export interface ProjectsCore extends Pick<Core, "catalogue" | "env" | "projectDir" | "tracking"> {
  readonly configs: Pick<Offers["configs"], "refuseEarlierProject">;
  readonly ownership: Pick<Offers["ownership"], "areTaken">;
  readonly runs: Pick<Offers["runs"], "isExecuted">;
}

/** What making a project needs of other areas. */
export interface ProjectsNeeds {
  /** Reads the project in a folder and resolves its active versions. */
  readonly proveProject: (root: string) => Project;
  /** Creates `.dvc/` in a folder as dvc does; loaded when it is needed. */
  readonly loadInitDvc: () => Promise<
    (root: string, options: { readonly isNoScm: boolean; readonly env?: Environment }) => readonly string[]
  >;
}
