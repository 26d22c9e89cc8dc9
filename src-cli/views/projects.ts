import { forkedProject } from "../../src-view/project/forked-project.ts";
import { newProject } from "../../src-view/project/new-project.ts";
import { paintSections } from "../paint-sections.ts";
import type { Views } from "../view.ts";

export const projectsViews: Views = {
  "projects.init": (output, screen) => paintSections(newProject(output), screen),
  "projects.fork": (output, screen) => paintSections(forkedProject(output), screen),
};
