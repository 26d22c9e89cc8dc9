import { hostname, userInfo } from "node:os";
import type { Core } from "../../foundation/context.ts";

/** Returns who decides, for the ledger: SIGNALBOX_ACTOR if it is set, as by a scheduler, else the user and the machine. */
export function actorOf({ env }: Pick<Core, "env">): string {
  return env.SIGNALBOX_ACTOR || `${userName()}@${hostname()}`;
}

/** A container may run under a number that no user has. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? "unknown"}`;
  }
}
