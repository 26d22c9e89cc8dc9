import { mkdtempSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { AppError } from "../../contract/errors.ts";
import { fileError } from "./durable.ts";

/**
 * Returns the folder for temporary files: TMPDIR, else the system's.
 * @throws files/not-found if TMPDIR names no folder: what would write there fails later, and says less
 */
export function temporaryFolder(): string {
  const folder = os.tmpdir();
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return folder;
  throw new AppError({
    code: "files/not-found",
    message: `The folder for temporary files, ${folder}, doesn't exist.`,
    hint: "Create it, or set TMPDIR to a folder that exists.",
    details: { folder },
  });
}

/** Makes a new folder for temporary files; its caller removes it. @throws files/* */
export function makeScratch(prefix: string): string {
  const folder = temporaryFolder();
  try {
    return mkdtempSync(path.join(folder, prefix));
  } catch (error) {
    throw fileError(error, "make a folder in", folder);
  }
}
