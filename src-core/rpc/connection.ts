import { protocol } from "./limits.ts";
import type { Transport } from "./transport.ts";
import type { FaceMessage, Hello } from "./wire.ts";

/** A transport that stays one, or how to make one, again and again. */
export type Connect = Transport | (() => Transport | Promise<Transport>);

export interface ConnectionEvents {
  readonly onMessage: (value: unknown) => void;
  /** Connected again: what was under way is to be taken up. */
  readonly onReconnect: () => void;
  /** What was said before the first connection stood, and can't be sent. */
  readonly onUnsent: (message: FaceMessage, error: unknown) => void;
  /** The connection is closed; `isFinal` if no other one will follow. */
  readonly onLost: (isFinal: boolean) => void;
}

export interface Connection {
  /** False where there is no connection, and none is being made for the first time. @throws rpc/too-large */
  send(message: FaceMessage): boolean;
  /** Tries at once instead of after the pause. */
  wake(): void;
  close(): void;
}

const firstPauseMs = 50;
const longestPauseMs = 1000;

/** Keeps one connection: says hello first, and where it can, makes another one when it is lost, with pauses that grow to a second. */
export function openConnection(connect: Connect, build: string, events: ConnectionEvents): Connection {
  const hello: Hello = { kind: "hello", protocol, build };
  /** What is sent before the first connection is open. */
  let waiting: FaceMessage[] | undefined = [];
  let current: Transport | undefined;
  let isClosed = false;
  let isConnecting = false;
  let pauseMs = firstPauseMs;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const lose = (lost: Transport) => {
    if (current !== lost) return;
    current = undefined;
    const isFinal = isClosed || typeof connect !== "function";
    isClosed = isFinal;
    events.onLost(isFinal);
    if (!isFinal) retryLater();
  };
  const use = (transport: Transport) => {
    if (isClosed) return transport.close();
    current = transport;
    transport.onMessage((value) => {
      if (current !== transport) return;
      // Only an answer shows that the other end works: one that accepts connections and drops them is tried less and less often.
      pauseMs = firstPauseMs;
      events.onMessage(value);
    });
    transport.onClose(() => lose(transport));
    transport.send(hello);
    const first = waiting;
    waiting = undefined;
    if (first === undefined) events.onReconnect();
    for (const message of first ?? []) {
      try {
        transport.send(message);
      } catch (error) {
        events.onUnsent(message, error);
      }
    }
  };
  const retryLater = () => {
    timer = setTimeout(() => void attempt(), pauseMs);
    pauseMs = Math.min(longestPauseMs, pauseMs * 2);
  };
  const attempt = async () => {
    if (isClosed || isConnecting || current !== undefined || typeof connect !== "function") return;
    isConnecting = true;
    clearTimeout(timer);
    try {
      use(await connect());
    } catch {
      if (!isClosed) retryLater();
    } finally {
      isConnecting = false;
    }
  };

  if (typeof connect === "function") void attempt();
  else use(connect);
  return {
    send: (message) => {
      if (current === undefined) return waiting !== undefined && waiting.push(message) > 0;
      current.send(message);
      return true;
    },
    wake: () => {
      pauseMs = firstPauseMs;
      void attempt();
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      clearTimeout(timer);
      const open = current;
      current = undefined;
      events.onLost(true);
      open?.close();
    },
  };
}
