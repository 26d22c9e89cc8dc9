import { existsSync } from "node:fs";
import path from "node:path";
import { readText, writeFileDurable } from "../../foundation/files/durable.ts";
import { isGitIgnored } from "./git.ts";
import type { Repository } from "./repository.ts";

/** Writes the entry of a versioned file or folder to the `.gitignore` beside it; true if it wasn't ignored before. @throws files/* */
export function ignoreInGit(repository: Repository, target: string): boolean {
  const file = path.join(repository.root, target);
  if (repository.gitRoot === null || isGitIgnored(repository.gitRoot, file, repository.env)) return false;
  const gitignore = path.join(path.dirname(file), ".gitignore");
  const before = existsSync(gitignore) ? readText(gitignore) : "";
  const after = withGitignoreEntry(before, gitignoreEntry(path.basename(target)));
  if (after !== before) writeFileDurable(gitignore, after);
  return after !== before;
}

/** Characters with a meaning in a gitignore pattern, escaped as DVC does. */
export function gitignoreEntry(name: string): string {
  return `/${name.replace(/[[\]!*#?]/g, "\\$&")}`;
}

/** Appends the entry to a `.gitignore`, unless it is there already. */
export function withGitignoreEntry(text: string, entry: string): string {
  if (text.split("\n").includes(entry)) return text;
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${entry}\n`;
}
