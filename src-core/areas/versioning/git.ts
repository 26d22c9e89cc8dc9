import { existsSync } from "node:fs";
import path from "node:path";
import { programStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { Environment } from "../../foundation/context.ts";
import { type GitResult, runGit } from "../../foundation/exec/git.ts";

/** The nearest folder at or above `folder` that is the top of a git work tree. */
export function gitRootOf(folder: string): string | null {
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    if (existsSync(path.join(at, ".git"))) return at;
    if (at === path.dirname(at)) return null;
  }
}

/**
 * Whether git's ignore rules cover the path, whatever its index holds.
 * @param env of the caller: its GIT_CONFIG_* and HOME say which rules are theirs
 */
export function isGitIgnored(folder: string, file: string, env: Environment): boolean {
  return git({ folder, env }, ["check-ignore", "--quiet", "--no-index", "--", file]).status === 0;
}

/** Whether git's index holds the file, or files below the folder. */
export function isGitTracked(folder: string, file: string, env: Environment): boolean {
  return git({ folder, env }, ["ls-files", "--", `:(literal)${path.relative(folder, file)}`]).stdout !== "";
}

/** Runs a git command that answers "no" with exit code 1. */
function git(
  { folder, env }: { readonly folder: string; readonly env: Environment },
  args: readonly string[],
): GitResult {
  const answer = runGit({ folder, args, env });
  if (answer.status <= 1) return answer;
  throw new AppError({
    code: "projects/git-failed",
    message: `git ${args[0]} failed in ${folder}: ${answer.stderr}`,
    hint: "Check that git is installed and the repository is undamaged.",
    next: [programStep(["git", "-C", folder, "status"], "shows whether it is")],
    details: { folder, args },
  });
}
