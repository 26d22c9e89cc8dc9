import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { fileDigest } from "../../../foundation/files/digest.ts";
import { commitFile, fileError, fsyncFile, fsyncFolder, temporaryPath } from "../../../foundation/files/durable.ts";
import { referenceChanged } from "./reference.ts";

/** Files below a folder, relative, POSIX, sorted. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    .sort();
}

/** True if both folders have the same files with the same bytes. */
function areEqualFolders(a: string, b: string): boolean {
  if (!existsSync(a) || !existsSync(b)) return false;
  const names = filesBelow(a);
  if (names.join("\n") !== filesBelow(b).join("\n")) return false;
  return names.every((name) => {
    const [one, other] = [path.join(a, name), path.join(b, name)];
    return statSync(one).size === statSync(other).size && fileDigest(one) === fileDigest(other);
  });
}

/**
 * Moves a finished private folder to its final name. A folder that isn't empty can't be renamed over, so the old one is
 * moved away first: a reader in between finds no folder, never a part of one, and the next run makes it again.
 */
export function publishFolder(temporary: string, folder: string): "kept" | "replaced" {
  try {
    if (areEqualFolders(temporary, folder)) {
      rmSync(temporary, { recursive: true, force: true });
      return "kept";
    }
    for (const name of filesBelow(temporary)) fsyncFile(path.join(temporary, name));
    for (const entry of readdirSync(temporary, { withFileTypes: true })) {
      if (entry.isDirectory()) fsyncFolder(path.join(temporary, entry.name));
    }
    fsyncFolder(temporary);
    mkdirSync(path.dirname(folder), { recursive: true });
    const aside = temporaryPath(folder);
    if (existsSync(folder)) renameSync(folder, aside);
    renameSync(temporary, folder);
    fsyncFolder(path.dirname(folder));
    rmSync(aside, { recursive: true, force: true });
    return "replaced";
  } catch (error) {
    throw fileError(error, "write", folder);
  }
}

/**
 * Gives a new reference test its name, once. An unrecorded one at that name was left by a killed run if it is equal; any
 * other is refused, because it may be one whose record was lost.
 * @throws splits/reference-changed
 */
export function publishReference(temporary: string, file: string, name: string): void {
  try {
    if (!existsSync(file)) {
      commitFile(temporary, file);
      return;
    }
    const expected = fileDigest(temporary);
    const isEqual = fileDigest(file) === expected;
    rmSync(temporary, { force: true });
    if (!isEqual) throw referenceChanged(name, expected);
    fsyncFile(file);
    fsyncFolder(path.dirname(file));
  } catch (error) {
    throw fileError(error, "write", file);
  }
}
