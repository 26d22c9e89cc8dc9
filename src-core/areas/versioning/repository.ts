import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { askingStep, programStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { Environment } from "../../foundation/context.ts";
import type { ObjectStore } from "../../foundation/store/cache.ts";
import { type IgnoreRules, ignoreRules } from "./cache/ignore-patterns.ts";
import { type DvcConfig, readDvcConfig } from "./dvc/dvc-config.ts";
import { gitRootOf } from "./git.ts";

export interface Repository {
  /** Absolute; the folder that holds `.dvc`. */
  readonly root: string;
  readonly config: DvcConfig;
  /** Top of the git work tree around it; null with `core.no_scm` or without git. */
  readonly gitRoot: string | null;
  /** Environment of the caller, for calls of git. */
  readonly env: Environment;
  /** Rules of the `.dvcignore` at the root. */
  readonly ignore: IgnoreRules;
  /** Absolute folder for facts about unchanged files; null to remember nothing. */
  readonly stateDir: string | null;
}

/**
 * Finds the DVC repository at or above `folder`.
 * @throws versioning/not-initialised
 */
export function openRepository(folder: string, env: Environment = process.env): Repository {
  const root = findRoot(folder);
  if (root === null) {
    throw new AppError({
      code: "versioning/not-initialised",
      message: `${folder} isn't under DVC: neither it nor a folder above it has a .dvc.`,
      next: [
        askingStep("projects.init", { input: {}, asks: ["dir", "table", "target"] }, "creates a project under DVC"),
        programStep(["dvc", "init"], "puts an existing project under DVC"),
      ],
      details: { folder },
    });
  }
  const config = readDvcConfig(root);
  const hasProject = existsSync(path.join(root, "signalbox.yaml"));
  return {
    root,
    config,
    gitRoot: config.hasScm ? gitRootOf(root) : null,
    env,
    ignore: ignoreRules(readIgnoreFile(root)),
    stateDir: hasProject ? path.join(root, ".signalbox", "cache", "versioning") : null,
  };
}

function findRoot(folder: string): string | null {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (existsSync(path.join(at, ".dvc", "config"))) return at;
    if (at === path.dirname(at)) return null;
  }
}

function readIgnoreFile(root: string): string {
  const file = path.join(root, ".dvcignore");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

export function cacheOf(repository: Repository): ObjectStore {
  return { folder: repository.config.cacheDir, isShared: repository.config.isShared };
}
