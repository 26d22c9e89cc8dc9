import type { Tracking } from "../../foundation/context.ts";

/** True where something meant for the server at `uri` may be sent to this one; the managed one may have come up on another port since. */
export function isHere(tracking: Pick<Tracking, "uri" | "source">, uri: string | null | undefined): boolean {
  return uri === undefined || uri === null || uri === tracking.uri || tracking.source === "managed";
}
