import { encodeError } from "../contract/errors.ts";
import type { Progress } from "../contract/operation.ts";
import type { Transport } from "./transport.ts";
import { parseMessage } from "./wire.ts";

/** Calls an operation by its id with unparsed input; rejects with an AppError. */
export type Dispatch = (
  operation: string,
  input: unknown,
  context: { readonly signal: AbortSignal; readonly report: (progress: Progress) => void },
) => Promise<unknown>;

/** Answers the calls that arrive on a transport. Closing the transport aborts what still runs for it. */
export function serve(transport: Transport, dispatch: Dispatch): void {
  const running = new Map<number, AbortController>();

  transport.onMessage((value) => {
    const message = parseMessage(value);
    if (message === undefined) return;
    if (message.kind === "cancel") {
      running.get(message.id)?.abort();
      return;
    }
    if (message.kind !== "request") return;
    const { id, operation, input } = message;
    const controller = new AbortController();
    running.set(id, controller);
    const report = (progress: Progress) => {
      if (running.has(id)) transport.send({ kind: "event", id, progress });
    };
    dispatch(operation, input, { signal: controller.signal, report })
      .then(
        (result) => transport.send({ kind: "response", id, result }),
        (error: unknown) => transport.send({ kind: "response", id, error: encodeError(error) }),
      )
      .finally(() => running.delete(id));
  });

  transport.onClose(() => {
    for (const controller of running.values()) controller.abort();
    running.clear();
  });
}
