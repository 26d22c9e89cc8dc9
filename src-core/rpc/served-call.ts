import { AppError, encodeError } from "../contract/errors.ts";
import type { CallContext } from "./call-context.ts";
import type { Answer, CoreMessage } from "./wire.ts";

/** One running call: what the face may still send to it. */
export interface ServedCall {
  readonly cancel: () => void;
  readonly hangUp: () => void;
  readonly answer: (prompt: number, value: string | null) => void;
  /** False where the call doesn't read and too much waits already. */
  readonly takeBytes: (bytes: Uint8Array) => boolean;
}

const mostWaitingFrames = 16;

interface Starting {
  readonly id: number;
  readonly send: (message: CoreMessage) => void;
  readonly work: (context: CallContext) => Promise<Answer>;
  readonly onEnd: () => void;
}

export function startCall({ id, send, work, onEnd }: Starting): ServedCall {
  const cancel = new AbortController();
  const hangUp = new AbortController();
  const prompts = new Map<number, PromiseWithResolvers<string | null>>();
  const early: Uint8Array[] = [];
  let take: ((bytes: Uint8Array) => void) | undefined;
  let operation: string | undefined;
  let nextPrompt = 1;
  let isOver = false;

  const say = (message: CoreMessage) => {
    if (!isOver && !hangUp.signal.aborted) send(message);
  };
  const context: CallContext = {
    signal: cancel.signal,
    hangUp: hangUp.signal,
    report: (progress) => say({ kind: "progress", id, ...(operation === undefined ? {} : { operation }), progress }),
    accept: (accepted) => {
      operation = accepted;
      say({ kind: "accepted", id, operation: accepted });
    },
    ask: (question) => {
      if (hangUp.signal.aborted) return Promise.reject(gone());
      const prompt = nextPrompt++;
      const waiting = Promise.withResolvers<string | null>();
      prompts.set(prompt, waiting);
      say({ kind: "prompt", id, prompt, question });
      return waiting.promise;
    },
    sendBytes: (bytes) => say({ kind: "frame", id, bytes }),
    onBytes: (listener) => {
      take = listener;
      for (const bytes of early.splice(0)) listener(bytes);
    },
  };
  const end = (message: CoreMessage) => {
    if (!hangUp.signal.aborted) sendOrRefuse(send, message, id);
    isOver = true;
    onEnd();
  };
  new Promise<Answer>((resolve) => resolve(work(context))).then(
    (answer) => end({ kind: "response", id, ...answer }),
    (error: unknown) => end({ kind: "response", id, error: encodeError(error) }),
  );

  return {
    cancel: () => cancel.abort(),
    hangUp: () => {
      hangUp.abort();
      for (const waiting of prompts.values()) waiting.reject(gone());
      prompts.clear();
    },
    answer: (prompt, value) => {
      prompts.get(prompt)?.resolve(value);
      prompts.delete(prompt);
    },
    takeBytes: (bytes) => {
      if (take !== undefined) take(bytes);
      else if (early.push(bytes) > mostWaitingFrames) return early.pop() === undefined;
      return true;
    },
  };
}

/** A result that is too large for a message is reported as such. */
function sendOrRefuse(send: (message: CoreMessage) => void, message: CoreMessage, id: number): void {
  try {
    send(message);
  } catch (error) {
    send({ kind: "response", id, error: encodeError(error) });
  }
}

function gone(): AppError {
  return new AppError({ code: "rpc/closed", message: "The face that was asked has disconnected." });
}
