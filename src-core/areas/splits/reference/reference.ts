import { existsSync } from "node:fs";
import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import type { FrozenReference } from "../../../contract/configs/frozen-reference.ts";
import { AppError, toAppError } from "../../../contract/errors.ts";
import { fileDigest } from "../../../foundation/files/digest.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";
import { splitPaths } from "../split-paths.ts";

/** A frozen reference test. `name` is its project-relative path. */
export interface RecordedReference {
  readonly file: string;
  readonly name: string;
  readonly recorded: FrozenReference;
}

/**
 * Looks for a recorded reference test, in place or in the cache, byte for byte.
 * @returns false where neither has it
 * @throws splits/reference-changed
 */
export async function findReference(
  reference: RecordedReference,
  restore: (file: string) => Promise<boolean>,
): Promise<boolean> {
  const { file } = reference;
  if (!existsSync(file) && !(await isRestored(file, restore))) return false;
  refuseChanged(reference);
  return existsSync(file);
}

async function isRestored(file: string, restore: (file: string) => Promise<boolean>): Promise<boolean> {
  try {
    return await restore(file);
  } catch (error) {
    if (toAppError(error).code !== "versioning/object-missing") throw error;
    return false;
  }
}

/**
 * One that is lost may be made again from the table only as exactly the same file.
 * @param sha256 of what the table gives now
 * @throws splits/reference-missing
 */
export function refuseOther({ file, name, recorded }: RecordedReference, sha256: string): void {
  if (sha256 === recorded.sha256) return;
  throw new AppError({
    code: "splits/reference-missing",
    message: `The reference test ${name} is recorded but missing, the DVC cache doesn't hold it, and the table now gives another one (sha256 ${sha256.slice(0, 12)}… instead of ${recorded.sha256.slice(0, 12)}…).`,
    hint: "Fetch it, restore it from a backup, or put the table back from which it was made; otherwise, write a new split version.",
    next: [nextStep("data.status", {}, "shows what brings it back")],
    details: { file, sha256: recorded.sha256, now: sha256 },
  });
}

/** @throws splits/reference-changed if the file is there and differs from the record */
function refuseChanged(it: RecordedReference): void {
  const { sha256 } = it.recorded;
  if (existsSync(it.file) && fileDigest(it.file) !== sha256) throw referenceChanged(it.name, sha256);
}

/**
 * Refuses to record a changed frozen reference test: `added` (absolute) is the test, or a folder that contains it.
 * @throws splits/reference-changed
 */
export function refuseChangedIn(
  added: string,
  {
    paths,
    references,
  }: { readonly paths: ProjectPaths; readonly references: Readonly<Record<string, FrozenReference>> },
): void {
  for (const [version, recorded] of Object.entries(references)) {
    const { reference: file, names } = splitPaths(paths, Number(version));
    if (file === added || file.startsWith(`${added}${path.sep}`))
      refuseChanged({ file, name: names.reference, recorded });
  }
}

export function referenceChanged(name: string, sha256: string): AppError {
  return new AppError({
    code: "splits/reference-changed",
    message: `The reference test ${name} isn't the one that was recorded (sha256 ${sha256.slice(0, 12)}…).`,
    hint: "Move the file away and restore the recorded one; for another test, write a new split version.",
    next: [nextStep("data.status", {}, "shows what brings it back")],
    details: { file: name, sha256 },
  });
}
