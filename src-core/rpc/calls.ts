import { type AppError, decodeError } from "../contract/errors.ts";
import type { Progress, Question } from "../contract/operation.ts";
import { closedError } from "./closed-error.ts";
import type { Answer, CoreMessage, FaceMessage } from "./wire.ts";

export interface CallListeners {
  /** `operation`: the long operation's id. */
  readonly onProgress?: (progress: Progress, operation?: string) => void;
  /** The call became this long operation. */
  readonly onAccepted?: (operation: string) => void;
  /** Answers the operation's questions; null declines, and so does a call without this. */
  readonly onQuestion?: (question: Question) => Promise<string | null>;
  readonly onBytes?: (bytes: Uint8Array) => void;
  /** Where bytes can be sent to the call. */
  readonly onOpen?: (channel: { readonly send: (bytes: Uint8Array) => void }) => void;
}

export interface PendingCall {
  readonly message: Extract<FaceMessage, { readonly kind: "request" | "follow" }>;
  readonly listeners: CallListeners;
  readonly settle: PromiseWithResolvers<Answer>;
  /** Of a long operation, once it is known. */
  operation: string | undefined;
  /** Events of its progress that arrived. */
  seen: number;
  isCancelled: boolean;
}

type CallMessage = Extract<CoreMessage, { readonly kind: "accepted" | "progress" | "prompt" | "response" | "frame" }>;

/** The calls that wait for an answer. A long operation's is taken up again by its id after a lost connection; another one's is rejected. */
export function pendingCalls() {
  const pending = new Map<number, PendingCall>();

  const fail = (id: number, error: AppError): boolean => {
    const call = pending.get(id);
    pending.delete(id);
    call?.settle.reject(error);
    return call !== undefined;
  };

  return {
    add: (message: PendingCall["message"], listeners: CallListeners): Promise<Answer> => {
      const settle = Promise.withResolvers<Answer>();
      const isFollow = message.kind === "follow";
      pending.set(message.id, {
        message,
        listeners,
        settle,
        operation: isFollow ? message.operation : undefined,
        seen: isFollow ? message.after : 0,
        isCancelled: false,
      });
      return settle.promise;
    },
    cancel: (id: number): void => {
      const call = pending.get(id);
      if (call !== undefined) call.isCancelled = true;
    },
    fail,
    /** A final loss rejects all of them. */
    lose: (isFinal: boolean): void => {
      for (const [id, call] of pending) if (isFinal || call.operation === undefined) fail(id, closedError());
    },
    /** What takes them up again on another connection. */
    resumed: (): readonly FaceMessage[] =>
      [...pending].flatMap(([id, { message, operation, seen, isCancelled }]): FaceMessage[] => {
        if (operation === undefined) return [];
        const follow = { kind: "follow", id, project: message.project, operation, after: seen } as const;
        return isCancelled ? [follow, { kind: "cancel", id }] : [follow];
      }),
    take: (message: CallMessage, reply: (message: FaceMessage) => void) => {
      const call = pending.get(message.id);
      if (call === undefined) return;
      const { id } = message;
      switch (message.kind) {
        case "accepted":
          call.operation = message.operation;
          return call.listeners.onAccepted?.(message.operation);
        case "progress":
          call.seen += 1;
          return call.listeners.onProgress?.(message.progress, message.operation);
        case "frame":
          return call.listeners.onBytes?.(message.bytes);
        case "prompt": {
          const { prompt, question } = message;
          const asked = call.listeners.onQuestion?.(question) ?? Promise.resolve(null);
          asked.catch(() => null).then((value) => reply({ kind: "answer", id, prompt, value }));
          return;
        }
        case "response":
          pending.delete(id);
          if ("error" in message) call.settle.reject(decodeError(message.error));
          else call.settle.resolve(answerOf(message));
          return;
        default:
          return message satisfies never;
      }
    },
  };
}

function answerOf({ output, exitCode, operation }: Answer): Answer {
  return { output, exitCode, ...(operation === undefined ? {} : { operation }) };
}
