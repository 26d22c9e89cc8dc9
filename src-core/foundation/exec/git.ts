import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import { AppError } from "../../contract/errors.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * What a git command that surrounds us (a hook) sets for its own repository, and what makes paths mean something else.
 * Configuration and identity stay: they are the person's.
 */
const foreignVariables = new Set([
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_IMPLICIT_WORK_TREE",
  "GIT_INDEX_FILE",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
  "GIT_COMMON_DIR",
  "GIT_PREFIX",
  "GIT_NAMESPACE",
  "GIT_LITERAL_PATHSPECS",
  "GIT_GLOB_PATHSPECS",
  "GIT_NOGLOB_PATHSPECS",
  "GIT_ICASE_PATHSPECS",
]);

export interface GitCall {
  readonly folder: string;
  readonly args: readonly string[];
  readonly env: Variables;
}

export interface GitResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function cleaned(env: Variables): Variables {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreignVariables.has(name)));
}

/**
 * Runs git on the repository of a folder, never on that of a git command around us.
 * @throws projects/git-failed where git can't be run or was killed; what it answers is the caller's to judge
 */
export function runGit({ folder, args, env }: GitCall): GitResult {
  const git = spawnSync("git", ["-C", folder, ...args], { env: cleaned(env), encoding: "utf8" });
  if (git.error !== undefined || git.status === null) {
    throw new AppError({
      code: "projects/git-failed",
      message: `git can't be run: ${git.error === undefined ? `it was ended by ${git.signal}` : reasonOf(git.error)}.`,
      hint: "Check that git is installed and can be run (`git --version`).",
      details: { folder, args },
      cause: git.error,
    });
  }
  return { status: git.status, stdout: git.stdout.trim(), stderr: git.stderr.trim() };
}

function reasonOf(error: Error): string {
  return "code" in error && error.code === "ENOENT" ? "it isn't installed, or not on PATH" : error.message;
}

const run = promisify(execFile);

/** The same for a question that may take a while: what git prints. Rejects where it ends with anything but 0. */
export async function askGit({ folder, args, env }: GitCall): Promise<string> {
  const { stdout } = await run("git", ["-C", folder, ...args], { env: cleaned(env) });
  return stdout.trim();
}
