import { readFileSync } from "node:fs";
import path from "node:path";
import { appRoot } from "./entry-points.ts";

/** A file that comes with Signalbox, by its path below resources/. */
export function readResource(name: string): Buffer<ArrayBuffer> {
  return readFileSync(path.join(appRoot, "resources", name));
}
