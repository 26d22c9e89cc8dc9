import { existsSync, realpathSync } from "node:fs";
import path from "node:path";

/**
 * util-linux's setpriv makes the kernel kill the program when its parent dies (PR_SET_PDEATHSIG, which Node can't set) and
 * then becomes the program: no process more. Busybox's has no such option. Empty where it is absent.
 */
export function parentDeathSignal(): readonly string[] {
  if (process.platform !== "linux") return [];
  const found = ["/usr/bin/setpriv", "/bin/setpriv"].find((file) => existsSync(file));
  if (found === undefined || path.basename(realpathSync(found)) !== "setpriv") return [];
  return [found, "--pdeathsig", "KILL", "--"];
}
