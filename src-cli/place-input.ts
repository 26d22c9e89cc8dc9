import path from "node:path";
import type { Command } from "./manifest.ts";

type Input = Readonly<Record<string, unknown>>;

/**
 * The input as one that can be understood anywhere: the core may run in another folder, or on another day. Paths are made absolute, and where
 * an operation asks for it the folder where the person is goes along.
 */
export function placeInput({ positionals, options, workingFolder }: Command, input: Input, cwd: string): Input {
  const placed: Record<string, unknown> = { ...input };
  for (const { key, isPath } of [...positionals, ...options]) {
    const value = input[key];
    if (isPath === true && typeof value === "string") placed[key] = path.resolve(cwd, value);
  }
  if (workingFolder !== undefined) placed[workingFolder] = cwd;
  return placed;
}
