import { hostname, userInfo } from "node:os";
import type { Core } from "../../foundation/context.ts";

/** Returns who decides, for the ledger: SIGNALBOX_ACTOR if it is set, as by a scheduler, else the user and the machine. */
export function actorOf({ env }: Pick<Core, "env">): string {
  return env.SIGNALBOX_ACTOR || `${userInfo().username}@${hostname()}`;
}
