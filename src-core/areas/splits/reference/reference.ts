import { existsSync } from "node:fs";
import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import type { FrozenReference } from "../../../contract/configs/frozen-reference.ts";
import { AppError } from "../../../contract/errors.ts";
import { fileDigest } from "../../../foundation/files/digest.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";
import { splitPaths } from "../split-paths.ts";

/**
 * Makes sure that a recorded reference test is there, byte for byte. `name` is its project-relative path.
 * @throws splits/reference-missing, splits/reference-changed
 */
export async function ensureReference(
  reference: { readonly file: string; readonly name: string; readonly recorded: FrozenReference },
  restore: (file: string) => Promise<boolean>,
): Promise<void> {
  const { file, name, recorded } = reference;
  const isThere = existsSync(file) || (await restore(file));
  if (!isThere || !existsSync(file)) {
    throw new AppError({
      code: "splits/reference-missing",
      message: `The reference test ${name} is recorded but missing, and the DVC cache doesn't hold it. It is never rebuilt.`,
      hint: "Fetch it, or restore it from a backup; otherwise, write a new split version.",
      next: [nextStep("data.status", {}, "shows what brings it back")],
      details: { file, sha256: recorded.sha256 },
    });
  }
  refuseChanged(reference);
}

/** @throws splits/reference-changed if the file is there and differs from the record */
function refuseChanged(it: { readonly file: string; readonly name: string; readonly recorded: FrozenReference }): void {
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
