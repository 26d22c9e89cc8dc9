import { existsSync } from "node:fs";
import path from "node:path";
import { programStep } from "../../../contract/build-step.ts";
import { commandText } from "../../../contract/command-text.ts";
import { AppError } from "../../../contract/errors.ts";
import type { NextStep } from "../../../contract/next-step.ts";
import type { Environment } from "../../../foundation/context.ts";
import { type GitResult, runGit } from "../../../foundation/exec/git.ts";

type RepositoryMode = "own repository" | "existing repository" | "none";

interface GitOutcome {
  readonly mode: RepositoryMode;
  readonly commit: string | null;
  readonly note: string;
  readonly actions: readonly NextStep[];
}

function git(folder: string, args: readonly string[], env: Environment): GitResult {
  try {
    return runGit({ folder, args, env });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const hint = "Install git, or create the project without it: --no-git.";
    throw new AppError({ code: "projects/git-failed", message: error.message, hint, cause: error.cause });
  }
}

function mustSucceed(folder: string, args: readonly string[], env: Environment): string {
  const { status, stdout, stderr } = git(folder, args, env);
  if (status === 0) return stdout;
  throw new AppError({
    code: "projects/git-failed",
    message: `git ${args[0] ?? ""} failed in ${folder}: ${stderr}`,
    hint: "Fix what git reports, or create the project without git: --no-git.",
    details: { folder, args },
  });
}

/**
 * A repository of its own, unless the folder is in one that doesn't ignore it: dvc refuses `.dvc` in an ignored folder,
 * and it would never be committed.
 */
export function repositoryMode(
  dir: string,
  { isGit, env }: { readonly isGit: boolean; readonly env: Environment },
): RepositoryMode {
  if (!isGit) return "none";
  const existing = nearestExisting(dir);
  const inside = git(existing, ["rev-parse", "--is-inside-work-tree"], env);
  if (inside.status !== 0 || inside.stdout !== "true") return "own repository";
  const ignored = git(existing, ["check-ignore", "--quiet", "--no-index", "--", path.join(dir, ".dvc")], env);
  return ignored.status === 0 ? "own repository" : "existing repository";
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(path.dirname(folder));
}

export function initRepository(dir: string, env: Environment): void {
  mustSucceed(dir, ["init", "--quiet"], env);
}

const toCommit = [
  programStep(["git", "config", "--global", "user.name", "Your Name"], "sets your name"),
  programStep(["git", "config", "--global", "user.email", "you@example.org"], "sets your address"),
  programStep(["git", "commit"], "commits the staged files"),
];

/** Stages the project and commits it if git knows who the user is. A refused commit stays staged and is reported. */
export function stageAndCommit(
  dir: string,
  { mode, name, env }: { readonly mode: RepositoryMode; readonly name: string; readonly env: Environment },
): GitOutcome {
  if (mode === "none") return { mode, commit: null, note: "without git; dvc works with --no-scm", actions: [] };
  mustSucceed(dir, ["add", "--", "."], env);
  const identity = git(dir, ["-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"], env);
  if (identity.status !== 0) {
    const commands = toCommit.map((step) => commandText(step, () => undefined)).join("; ");
    return {
      mode,
      commit: null,
      note: `staged, not committed: git doesn't know your name and address (${commands})`,
      actions: toCommit,
    };
  }
  // Only the project's own files: other staged changes of an existing repository stay staged.
  const committed = git(dir, ["commit", "--quiet", "--message", `Add the Signalbox project ${name}`, "--", "."], env);
  if (committed.status !== 0) {
    const reason = (committed.stderr || committed.stdout).split("\n")[0] ?? "";
    return { mode, commit: null, note: `staged, not committed: git commit reported: ${reason}`, actions: [] };
  }
  return { mode, commit: mustSucceed(dir, ["rev-parse", "HEAD"], env), note: "committed", actions: [] };
}
