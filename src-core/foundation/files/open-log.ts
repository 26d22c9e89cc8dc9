import { mkdirSync, openSync } from "node:fs";
import path from "node:path";
import { fileError } from "./durable.ts";

/** Opens a log for appending, as the output of a program that is about to start; makes its folder. The caller closes it. @throws files/* */
export function openLog(file: string): number {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    return openSync(file, "a", 0o644);
  } catch (error) {
    throw fileError(error, "open", file);
  }
}
