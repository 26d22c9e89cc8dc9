import type { ProjectConfig } from "../../contract/configs/project-config.ts";
import type { Project } from "../../foundation/context.ts";
import { encodePart } from "./name-part.ts";

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

/** Whether a registered model is the project's or one of its training plans': a fork's ledger has entries about the models of another project. */
export function isModelOf(
  { config, registeredModel }: Pick<Project, "config" | "registeredModel">,
  name: string,
): boolean {
  return name === registeredModel || name.startsWith(`${encodePart(config.name)}.`);
}
