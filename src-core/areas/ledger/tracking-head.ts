import { toAppError } from "../../contract/errors.ts";
import type { Core, Tracking } from "../../foundation/context.ts";
import { isServerFailure } from "../outbox/due.ts";
import { refuseOtherHead } from "./server-head.ts";

/**
 * Compares the ledger with the entries that the server knows, if one responds right now: starts no server and waits for none. Returns its address;
 * null if none was compared with, or none has an entry.
 * @throws ledger/other-head
 */
export async function comparedServer(
  core: Pick<Core, "catalogue" | "env" | "project" | "tracking">,
): Promise<string | null> {
  const tracking = await askedServer(core);
  if (tracking === null) return null;
  try {
    return (await refuseOtherHead(core, tracking)) ? tracking.uri : null;
  } catch (error) {
    if (isServerFailure(toAppError(error).code)) return null;
    throw error;
  }
}

async function askedServer(core: Pick<Core, "tracking">): Promise<Tracking | null> {
  try {
    return await core.tracking({ isOnlyAsked: true });
  } catch {
    return null;
  }
}
