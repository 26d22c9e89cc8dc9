import type { ProjectConfig } from "../../contract/configs/project-config.ts";
import type { Project } from "../../foundation/context.ts";

/** Returns the names of a project on a server: those that it sets, else ones made of its own name. */
export function serverNamesOf({
  name,
  tracking,
}: Pick<ProjectConfig, "name" | "tracking">): Pick<Project, "experiment" | "registeredModel"> {
  return {
    experiment: tracking?.experiment ?? `${name}_training`,
    registeredModel: tracking?.registered_model ?? `${name}_model`,
  };
}
