import path from "node:path";

/** Returns the folder's name, with the characters replaced that a project's name can't hold. */
export function projectNameOf(dir: string): string {
  const name = path
    .basename(dir)
    .replaceAll(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^[^A-Za-z0-9]+/, "");
  return name === "" ? "project" : name;
}
