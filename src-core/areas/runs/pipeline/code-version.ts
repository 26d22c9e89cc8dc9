import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { appRoot } from "../../../foundation/files/entry-points.ts";

const run = promisify(execFile);

/** Version of Signalbox itself, from its package.json. */
export function signalboxVersion(): string {
  const identity: unknown = JSON.parse(readFileSync(path.join(appRoot, "package.json"), "utf8"));
  return typeof identity === "object" && identity !== null && "version" in identity
    ? String(identity.version)
    : "unknown";
}

/** The project's commit, with `-dirty` where tracked files differ from it; "none" outside git or before the first commit. */
export async function codeVersion(projectDir: string): Promise<string> {
  const git = async (...args: string[]): Promise<string> =>
    (await run("git", ["-C", projectDir, ...args])).stdout.trim();
  try {
    const commit = await git("rev-parse", "HEAD");
    const changes = await git("status", "--porcelain", "--untracked-files=no", "--", ".");
    return changes === "" ? commit : `${commit}-dirty`;
  } catch {
    return "none";
  }
}

/** The project's commit, with `-dirty` where files differ; null outside git. */
export async function gitCommit(projectDir: string): Promise<string | null> {
  const version = await codeVersion(projectDir);
  return version === "none" ? null : version;
}
