import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { programStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { NextStep } from "../../../contract/next-step.ts";
import { fileError } from "../../../foundation/files/durable.ts";
import { repositoryAbove } from "../../../foundation/files/nearest-existing.ts";
import { maxYamlBytes } from "./parse-yaml.ts";

/**
 * The bytes of a configuration file. `file` is its name in messages.
 * @throws configs/not-found, configs/syntax if it is too large, files/*
 */
export function readBytes(absolute: string, file: string): Buffer {
  try {
    // A folder or an endless device in place of a configuration file must not be read at all.
    const { size } = statSync(absolute);
    if (size > maxYamlBytes) {
      throw new AppError({
        code: "configs/syntax",
        message: `${file}:1:1: ${size} bytes; a configuration file has at most ${maxYamlBytes}`,
        hint: "Remove what isn't configuration.",
        details: { file, line: 1, column: 1 },
      });
    }
    return readFileSync(absolute);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new AppError({
        code: "configs/not-found",
        message: `${file} doesn't exist.`,
        hint: "Restore it, or write it as the guide's configuration reference describes.",
        next: restored(absolute),
        details: { file },
      });
    }
    throw fileError(error, "read", absolute);
  }
}

/** Its folder may be gone, too. */
function restored(absolute: string): readonly NextStep[] {
  const root = repositoryAbove(path.dirname(absolute));
  if (root === null) return [];
  const argv = ["git", "-C", root, "checkout", "--", path.relative(root, absolute)] as const;
  return [programStep(argv, "restores it, if it was committed")];
}
