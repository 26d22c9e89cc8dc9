import { hostname, userInfo } from "node:os";

type Variables = Readonly<Record<string, string | undefined>>;

/** Names the variable that names who decides; an operation is run with what its caller had, or was called. */
export const actorVariable = "SIGNALBOX_ACTOR";

/** Returns who decides, for the ledger: SIGNALBOX_ACTOR if it is set, as by a scheduler, else the user and the machine. */
export function actorOf({ env }: { readonly env: Variables }): string {
  return env[actorVariable] || `${userName()}@${hostname()}`;
}

/** A container may run under a number that no user has. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid-${process.getuid?.() ?? "unknown"}`;
  }
}
