import { hostname, userInfo } from "node:os";
import type { Core } from "../../foundation/context.ts";

/** Who decides, for the ledger: SIGNALBOX_ACTOR where a scheduler names a person, else the user and the machine. */
export function actorOf({ env }: Pick<Core, "env">): string {
  return env.SIGNALBOX_ACTOR || `${userInfo().username}@${hostname()}`;
}
