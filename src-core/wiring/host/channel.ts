import type { CallContext } from "../../rpc/call-context.ts";

/** A two-way stream of bytes and questions under a name, beside the operations: what is never stored. */
export type Channel = (
  input: unknown,
  context: Pick<CallContext, "signal" | "hangUp" | "ask" | "sendBytes" | "onBytes">,
) => Promise<unknown>;
