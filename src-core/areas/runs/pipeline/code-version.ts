import { readFileSync } from "node:fs";
import path from "node:path";
import type { Core, Environment } from "../../../foundation/context.ts";
import { askGit } from "../../../foundation/exec/git.ts";
import { appRoot } from "../../../foundation/files/entry-points.ts";

/** Reads the version of Signalbox from its package.json. */
export function signalboxVersion(): string {
  const identity: unknown = JSON.parse(readFileSync(path.join(appRoot, "package.json"), "utf8"));
  return typeof identity === "object" && identity !== null && "version" in identity
    ? String(identity.version)
    : "unknown";
}

/** Reads the commit of the project, with `-dirty` if tracked files differ from it; "none" outside git or before the first commit. */
export async function codeVersion(projectDir: string, env: Environment): Promise<string> {
  const git = (...args: string[]) => askGit({ folder: projectDir, args, env });
  try {
    const commit = await git("rev-parse", "HEAD");
    const changes = await git("status", "--porcelain", "--untracked-files=no", "--", ".");
    return changes === "" ? commit : `${commit}-dirty`;
  } catch {
    return "none";
  }
}

/** Reads the commit of the project, with `-dirty` if files differ; null outside git. */
export async function gitCommit({ projectDir, env }: Pick<Core, "projectDir" | "env">): Promise<string | null> {
  const version = await codeVersion(projectDir, env);
  return version === "none" ? null : version;
}
