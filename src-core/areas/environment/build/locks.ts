import { readFileSync } from "node:fs";
import path from "node:path";
import { AppError } from "../../../contract/errors.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import { fileError } from "../../../foundation/files/durable.ts";
import { appRoot } from "../../../foundation/files/entry-points.ts";
import { groupNames, groups, isGroup } from "./groups.ts";

/** Where the application's own locks lie. */
export const trainerFolder: string = path.join(appRoot, "trainer");

/** A lock file of trainer/ and the digest of its bytes. */
export interface LockFile {
  readonly file: string;
  readonly sha256: string;
}

/** Sorted, without repetitions. @throws environment/unknown-group */
export function checkedGroups(wanted: readonly string[]): readonly string[] {
  for (const name of wanted) {
    if (isGroup(name)) continue;
    throw new AppError({
      code: "environment/unknown-group",
      message: `There is no package group '${name}'.`,
      hint: `Groups: ${groupNames.join(", ")}`,
      details: { group: name, known: groupNames },
    });
  }
  return [...new Set(wanted)].sort();
}

/** Locks that an environment with these groups is made of: the base's, unless every group stands alone, then the groups'. */
export function locksOf(trainer: string, wanted: readonly string[]): readonly LockFile[] {
  const isWithoutBase = wanted.length > 0 && wanted.every((name) => isGroup(name) && groups[name].isStandalone);
  const names = [...(isWithoutBase ? [] : [""]), ...wanted];
  return names.map((name) => {
    const file = path.join(trainer, name === "" ? "requirements.lock" : `requirements-${name}.lock`);
    try {
      return { file, sha256: sha256(readFileSync(file)) };
    } catch (error) {
      throw fileError(error, "read", file);
    }
  });
}

/** Name of the environment's folder: what decides which files lie in it, and nothing else. */
export function environmentDigest(of: {
  readonly locks: readonly LockFile[];
  readonly groups: readonly string[];
  readonly pythonMinor: string;
  /** "linux-x64" */
  readonly platform: string;
}): string {
  const locks = of.locks.map((lock) => lock.sha256);
  return sha256(JSON.stringify([locks, of.groups, of.pythonMinor, of.platform]));
}
