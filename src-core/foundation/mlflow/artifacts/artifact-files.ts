import { copyFileSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { AppError } from "../../../contract/errors.ts";
import { commitFile, fileError, temporaryPath } from "../../files/durable.ts";
import { joinArtifactPath } from "./artifact-path.ts";
import type { ArtifactStore } from "./artifact-types.ts";

/** Artifacts in a local folder (`file:`). Refuses symbolic links, because they could lead anywhere. */
export function fileArtifacts(root: string): ArtifactStore {
  const at = (relative: string): string => {
    const safe = joinArtifactPath(relative);
    const parts = safe === "" ? [] : safe.split("/");
    for (let depth = 1; depth <= parts.length; depth++) refuseLink(path.join(root, ...parts.slice(0, depth)));
    return path.join(root, ...parts);
  };
  return {
    list: async (folder) => {
      const full = at(folder);
      const found = lstatSync(full, { throwIfNoEntry: false });
      if (found === undefined || !found.isDirectory()) return [];
      return readdirSync(full)
        .toSorted()
        .map((name) => {
          const entry = joinArtifactPath(folder, name);
          const stat = lstatSync(at(entry));
          return { path: entry, isFolder: stat.isDirectory(), sizeBytes: stat.isDirectory() ? undefined : stat.size };
        });
    },
    put: async (relative, file) => {
      const target = at(relative);
      const temporary = temporaryPath(target);
      try {
        mkdirSync(path.dirname(target), { recursive: true });
        copyFileSync(file, temporary);
        commitFile(temporary, target);
      } catch (error) {
        rmSync(temporary, { force: true });
        throw fileError(error, "write", target);
      }
    },
    get: async (relative, file) => {
      const source = at(relative);
      try {
        copyFileSync(source, file);
        return lstatSync(file).size;
      } catch (error) {
        const isGone = error instanceof Error && "code" in error && error.code === "ENOENT";
        if (!isGone) throw fileError(error, "copy", source);
        throw new AppError({ code: "tracking/not-found", message: `There is no artifact ${source}.`, cause: error });
      }
    },
    remove: async (relative) => {
      const target = at(relative);
      try {
        rmSync(target, { recursive: true, force: true });
      } catch (error) {
        throw fileError(error, "delete", target);
      }
    },
  };
}

function refuseLink(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return;
  throw new AppError({
    code: "tracking/rejected",
    message: `The artifact ${file} is a symbolic link, and links aren't followed.`,
    hint: "Replace the link with the file that it points to.",
    details: { file },
  });
}
