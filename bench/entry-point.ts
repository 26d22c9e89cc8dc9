import { execFileSync } from "node:child_process";
import path from "node:path";
import { appRoot } from "../src-core/foundation/files/entry-points.ts";

/** The program as users run it, in a fresh bundle; a trial doesn't change the bundle and runs from source. */
export function entryPoint(isTrial: boolean): readonly string[] {
  if (isTrial) return [path.join(appRoot, "src-cli", "main.ts")];
  execFileSync(process.execPath, [path.join(appRoot, "scripts", "build.ts")], { stdio: "ignore" });
  return [path.join(appRoot, "dist", "cli.cjs")];
}
