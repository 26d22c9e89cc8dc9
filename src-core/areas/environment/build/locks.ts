import { readFileSync } from "node:fs";
import path from "node:path";
import { AppError } from "../../../contract/errors.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import { fileError } from "../../../foundation/files/durable.ts";
import { appRoot } from "../../../foundation/files/entry-points.ts";
import { groupNames, groups, isGroup } from "./groups.ts";

/** Folder of the application's locks. */
export const trainerFolder: string = path.join(appRoot, "trainer");

/** A lock file of trainer/ and the digest of its bytes. */
export interface LockFile {
  readonly file: string;
  readonly sha256: string;
}

/** Sorts the groups and removes duplicates. @throws environment/unknown-group */
export function checkedGroups(wanted: readonly string[]): readonly string[] {
  for (const name of wanted) {
    if (isGroup(name)) continue;
    throw new AppError({
      code: "environment/unknown-group",
      message: `There is no package group '${name}'.`,
      hint: `Use one of ${groupNames.join(", ")}.`,
      details: { group: name, known: groupNames },
    });
  }
  return [...new Set(wanted)].sort();
}

/** Lists the locks of an environment with these groups: that of the base, unless every group is standalone, then those of the groups. */
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

/** Computes the name of the environment's folder from everything that determines its files. */
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
