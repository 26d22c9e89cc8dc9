import { nextStep } from "../contract/build-step.ts";
import { AppError, cancelled, decodeError } from "../contract/errors.ts";
import type { OperationId, OperationInput, OperationOutput } from "../contract/index.ts";
import type { Progress } from "../contract/operation.ts";
import type { Transport } from "./transport.ts";
import { parseMessage } from "./wire.ts";

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** How every face reaches the core. A rejected call is always an AppError. */
export interface Client {
  call<Id extends OperationId>(
    operation: Id,
    input: OperationInput<Id>,
    options?: CallOptions,
  ): Promise<OperationOutput<Id>>;
  close(): void;
}

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: AppError) => void;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

export function createClient(transport: Transport): Client {
  const pending = new Map<number, Pending>();
  let nextId = 1;
  let isClosed = false;

  transport.onMessage((value) => {
    const message = parseMessage(value);
    if (message === undefined || message.kind === "request" || message.kind === "cancel") return;
    const call = pending.get(message.id);
    if (call === undefined) return;
    if (message.kind === "event") {
      call.onProgress?.(message.progress);
      return;
    }
    pending.delete(message.id);
    if ("error" in message) call.reject(decodeError(message.error));
    else call.resolve(message.result);
  });

  transport.onClose(() => {
    isClosed = true;
    for (const call of pending.values()) call.reject(closedError());
    pending.clear();
  });

  return {
    call(operation, input, options = {}) {
      if (isClosed) return Promise.reject(closedError());
      if (options.signal?.aborted) return Promise.reject(cancelled());
      const id = nextId++;
      // The output's type follows from the operation's id: the server parsed it with that operation's schema.
      return new Promise((resolve, reject) => {
        const cancel = () => transport.send({ kind: "cancel", id });
        options.signal?.addEventListener("abort", cancel, { once: true });
        const settle = () => options.signal?.removeEventListener("abort", cancel);
        pending.set(id, {
          resolve: (value) => {
            settle();
            resolve(value as OperationOutput<typeof operation>);
          },
          reject: (error) => {
            settle();
            reject(error);
          },
          onProgress: options.onProgress,
        });
        transport.send({ kind: "request", id, operation, input });
      });
    },
    close: () => transport.close(),
  };
}

function closedError(): AppError {
  return new AppError({
    code: "rpc/closed",
    message: "The connection to the core was closed.",
    hint: "Start the command again; a long operation goes on in the background.",
    next: [nextStep("jobs.list", {}, "shows what is at work")],
  });
}
