import { readFileSync } from "node:fs";
import path from "node:path";
import { appRoot } from "./entry-points.ts";

/** Returns the path of a file in resources/. */
export function readResource(name: string): Buffer<ArrayBuffer> {
  return readFileSync(path.join(appRoot, "resources", name));
}
