import { mkdirSync, readlinkSync, realpathSync, renameSync, symlinkSync } from "node:fs";
import path from "node:path";
import { fileError, temporaryPath } from "../files/durable.ts";
import { checkJobPath } from "./job-spec.ts";
import type { JobSource } from "./place.ts";

/**
 * On this machine an input is a relative link to what has its content: nothing is copied, and a project that is moved takes its links
 * along. Paths are resolved first, for a link is read from the real path of its folder.
 */
export function linkInputs(folder: string, inputs: readonly JobSource[]): void {
  for (const input of inputs) {
    const link = path.join(folder, checkJobPath(input.path));
    try {
      mkdirSync(path.dirname(link), { recursive: true });
      const target = path.relative(realpathSync(path.dirname(link)), realpathSync(input.from));
      if (linkTarget(link) === target) continue;
      const temporary = temporaryPath(link);
      symlinkSync(target, temporary);
      renameSync(temporary, link);
    } catch (error) {
      throw fileError(error, "link", link);
    }
  }
}

function linkTarget(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
