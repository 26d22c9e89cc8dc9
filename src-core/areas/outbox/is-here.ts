import type { Tracking } from "../../foundation/context.ts";

/** Checks whether an item for the server at `uri` may be sent to this one. The managed server may have another port now. */
export function isHere(tracking: Pick<Tracking, "uri" | "source">, uri: string | null | undefined): boolean {
  return uri === undefined || uri === null || uri === tracking.uri || tracking.source === "managed";
}
