import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { programStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { Environment } from "../../foundation/context.ts";
import { fileError, writeFileDurable } from "../../foundation/files/durable.ts";
import { gitRootOf, isGitIgnored } from "./git.ts";

const dvcignore = `# Add patterns of files dvc should ignore, which could improve
# the performance. Learn more at
# https://dvc.org/doc/user-guide/dvcignore
`;

/**
 * Creates `.dvc/` as `dvc init` does: plain at the top of a git repository, `--subdir` below one (the files are the same),
 * `--no-scm` without git. Does nothing if it exists.
 * @returns the files to commit, relative to the root
 * @throws versioning/inside-ignored if git ignores the folder, versioning/not-initialised without git unless `isNoScm`
 */
export function initDvc(
  root: string,
  options: { readonly isNoScm: boolean; readonly env?: Environment },
): readonly string[] {
  const folder = path.join(root, ".dvc");
  const gitRoot = options.isNoScm ? null : gitRootOf(root);
  if (!options.isNoScm && gitRoot === null) {
    throw new AppError({
      code: "versioning/not-initialised",
      message: `${root} isn't in a git repository.`,
      hint: "Make it a git repository, or create the project with --no-git.",
      next: [programStep(["git", "init", root], "makes it a git repository")],
      details: { root },
    });
  }
  if (gitRoot !== null) refuseIgnored(gitRoot, root, options.env ?? process.env);
  const files = gitRoot === null ? [".dvc/config"] : [".dvc/.gitignore", ".dvc/config"];
  const all = [...files, ".dvcignore"];
  if (existsSync(path.join(folder, "config"))) return all;
  try {
    mkdirSync(path.join(folder, "tmp"), { recursive: true });
    writeFileSync(path.join(folder, "tmp", "btime"), "");
    if (gitRoot !== null) writeFileDurable(path.join(folder, ".gitignore"), "/config.local\n/tmp\n/cache\n");
    if (!existsSync(path.join(root, ".dvcignore"))) writeFileDurable(path.join(root, ".dvcignore"), dvcignore);
    // Last: its presence shows that the rest is complete.
    writeFileDurable(path.join(folder, "config"), options.isNoScm ? "[core]\n    no_scm = True\n" : "");
  } catch (error) {
    throw fileError(error, "create", folder);
  }
  return all;
}

/** DVC refuses a repository whose `.dvc` git ignores: its files would never be committed. */
export function refuseIgnored(gitRoot: string, root: string, env: Environment): void {
  if (!isGitIgnored(gitRoot, path.join(root, ".dvc"), env)) return;
  throw new AppError({
    code: "versioning/inside-ignored",
    message: `${root} is in a folder that the git repository ${gitRoot} ignores, so its .dvc couldn't be tracked.`,
    hint: "Make the project a git repository of its own, or stop ignoring the folder.",
    next: [programStep(["git", "init", root], "makes it a git repository")],
    details: { root, gitRoot },
  });
}
