import { existsSync } from "node:fs";
import path from "node:path";
import { askingStep, nextStep } from "../../contract/build-step.ts";
import { type ActiveConfig, activeConfigSchema } from "../../contract/configs/active-config.ts";
import { type ProjectConfig, projectConfigSchema } from "../../contract/configs/project-config.ts";
import { AppError } from "../../contract/errors.ts";
import type { Project } from "../../foundation/context.ts";
import { projectFile } from "../../foundation/files/find-project.ts";
import { type ProjectPaths, projectPaths } from "../../foundation/files/paths.ts";
import { earlierProject } from "./earlier-project.ts";
import { type ConfigFile, readConfig } from "./read/read-config.ts";
import { serverNamesOf } from "./server-names.ts";

const activeFile = "configs/active.yaml";

/**
 * The project in a folder.
 * @throws projects/not-found, configs/*
 */
export function loadProject(dir: string): Project {
  const root = path.resolve(dir);
  if (!existsSync(path.join(root, projectFile))) {
    throw new AppError({
      code: "projects/not-found",
      message: `There is no project in ${root}: neither it nor a folder above it has a ${projectFile}.`,
      hint: "Change to a project's folder, name one with --project DIR, or create one.",
      next: [askingStep("projects.init", { input: {}, asks: ["dir", "table", "target"] }, "creates one from a table")],
      details: { dir: root },
    });
  }
  const { value } = readProjectFile(root);
  return {
    paths: projectPaths(root),
    config: value,
    ...serverNamesOf(value),
  };
}

/**
 * For operations that work without a project, too: refuses one that an earlier version made, before anything in it is changed.
 * @throws projects/earlier-version
 */
export function refuseEarlierProject(root: string): void {
  try {
    if (existsSync(path.join(root, projectFile))) readProjectFile(root);
  } catch (error) {
    if (error instanceof AppError && error.code === "projects/earlier-version") throw error;
  }
}

function readProjectFile(root: string): ConfigFile<ProjectConfig> {
  try {
    return readConfig(root, projectFile, projectConfigSchema);
  } catch (error) {
    throw earlierProject(root, error) ?? withoutId(error) ?? error;
  }
}

/** Says how a project without an id gets one; undefined if that isn't all that `error` is about. */
function withoutId(error: unknown): AppError | undefined {
  if (!(error instanceof AppError) || error.details?.key !== "id" || !error.message.endsWith("`id` is missing"))
    return undefined;
  const { code, message, details } = error;
  return new AppError({
    code,
    message,
    hint: "A project is known by its id. If this one has had an id, write that one again, as the history of the file has it.",
    next: [nextStep("projects.fork", {}, "draws an id and writes it")],
    details,
    cause: error,
  });
}

/** The defaults of `configs/active.yaml`. */
export function loadActive(paths: ProjectPaths): ConfigFile<ActiveConfig> {
  return readConfig(paths.root, activeFile, activeConfigSchema);
}
