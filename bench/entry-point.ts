import { execFileSync } from "node:child_process";
import path from "node:path";
import { appRoot } from "../src-core/foundation/files/entry-points.ts";

/** The program as a person runs it, bundled anew; a trial leaves the bundle alone and runs from source. */
export function entryPoint(isTrial: boolean): readonly string[] {
  if (isTrial) return [path.join(appRoot, "src-cli", "main.ts")];
  execFileSync(process.execPath, [path.join(appRoot, "scripts", "build.ts")], { stdio: "ignore" });
  return [path.join(appRoot, "dist", "cli.cjs")];
}
