import { statSync } from "node:fs";
import path from "node:path";
import { programStep } from "../../../contract/build-step.ts";
import { commandText } from "../../../contract/command-text.ts";
import { AppError } from "../../../contract/errors.ts";
import type { NextStep } from "../../../contract/next-step.ts";
import type { Environment } from "../../../foundation/context.ts";
import { type GitResult, runGit } from "../../../foundation/exec/git.ts";
import { nearestExisting, repositoryAbove } from "../../../foundation/files/nearest-existing.ts";

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

/** What a project keeps in git, and a rule above it might ignore. */
const tracked = [
  "signalbox.yaml",
  "configs/active.yaml",
  "data/splits/v1.dvc",
  "data/reference/tests/v1.dvc",
  "ledger/decisions.jsonl",
];

/**
 * A repository of its own, unless the folder is in one that doesn't ignore it: dvc refuses `.dvc` in an ignored folder,
 * and it would never be committed.
 * @throws projects/git-failed in a repository that git doesn't open, or that ignores a part of a project
 */
export function repositoryMode(
  dir: string,
  { isGit, env }: { readonly isGit: boolean; readonly env: Environment },
): RepositoryMode {
  if (!isGit) return "none";
  const existing = nearestExisting(dir);
  const inside = git(existing, ["rev-parse", "--is-inside-work-tree"], env);
  if (inside.status !== 0) {
    const repository = repositoryAbove(existing);
    if (repository !== null) throw unopened(repository, inside.stderr, env);
    return "own repository";
  }
  if (inside.stdout !== "true") return "own repository";
  const isIgnored = (name: string) =>
    git(existing, ["check-ignore", "--quiet", "--no-index", "--", path.join(dir, name)], env).status === 0;
  if (isIgnored(".dvc")) return "own repository";
  const ignored = tracked.find(isIgnored);
  if (ignored !== undefined) throw ignoredPart(path.join(dir, ignored), existing, env);
  return "existing repository";
}

/** It belongs to another user, or its link to the main repository of a worktree is broken: a second one inside it would hide that. */
function unopened(folder: string, said: string, env: Environment): AppError {
  const isForeign = ownerOf(folder) !== process.getuid?.();
  const trust = programStep(["git", "config", "--global", "--add", "safe.directory", folder], "trusts it");
  return new AppError({
    code: "projects/git-failed",
    message: `${folder} is a git repository that git doesn't open: ${said.split("\n")[0] ?? ""}`,
    hint: isForeign
      ? "It belongs to another user. Trust it, choose a folder outside of it, or create the project without git: --no-git."
      : `Repair it (${path.join(folder, ".git")} says where it should be), choose a folder outside of it, or create the project without git: --no-git.`,
    ...(isForeign && env.HOME !== undefined ? { next: [trust] } : {}),
    details: { folder },
  });
}

function ownerOf(folder: string): number | undefined {
  return statSync(folder, { throwIfNoEntry: false })?.uid;
}

function ignoredPart(file: string, folder: string, env: Environment): AppError {
  // FILE:LINE:PATTERN<tab>path
  const said = git(folder, ["check-ignore", "--verbose", "--no-index", "--", file], env).stdout.split("\t")[0] ?? "";
  const [, source = "", line = "", pattern = ""] = /^(.*):(\d+):(.*)$/.exec(said) ?? [];
  return new AppError({
    code: "projects/git-failed",
    message: `git would ignore ${file}: ${source}, line ${line} has \`${pattern}\`, and a project keeps it in git.`,
    hint: `Add a line after it that makes an exception (\`!${path.basename(path.dirname(file))}/\`), choose another folder, or create the project without git: --no-git.`,
    details: { file, source, line: Number(line), pattern },
  });
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
