import type { Message } from "./wire.ts";

/** One end of a two-way channel that keeps order. What arrives is unparsed. */
export interface Transport {
  send(message: Message): void;
  onMessage(listener: (value: unknown) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

/** Two connected ends in one process. Delivery is asynchronous, as over a real port, so that no caller relies on reentry. */
export function inProcessTransports(): readonly [Transport, Transport] {
  const left = new LocalEnd();
  const right = new LocalEnd();
  left.peer = right;
  right.peer = left;
  return [left, right];
}

class LocalEnd implements Transport {
  peer: LocalEnd | undefined;
  readonly #messageListeners: ((value: unknown) => void)[] = [];
  readonly #closeListeners: (() => void)[] = [];
  #isClosed = false;

  send(message: Message): void {
    const peer = this.peer;
    if (this.#isClosed || peer === undefined) return;
    queueMicrotask(() => peer.#deliver(message));
  }

  #deliver(message: Message): void {
    if (!this.#isClosed) for (const listener of this.#messageListeners) listener(message);
  }

  onMessage(listener: (value: unknown) => void): void {
    this.#messageListeners.push(listener);
  }

  onClose(listener: () => void): void {
    this.#closeListeners.push(listener);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const listener of this.#closeListeners) listener();
    this.peer?.close();
  }
}

/** What Node's and the browser's MessagePort have in common. */
export interface PortLike {
  postMessage(value: unknown): void;
  addEventListener(type: "message" | "close", listener: (event: { readonly data?: unknown }) => void): void;
  start(): void;
  close(): void;
}

export function portTransport(port: PortLike): Transport {
  return {
    send: (message) => port.postMessage(message),
    onMessage: (listener) => {
      port.addEventListener("message", (event) => listener(event.data));
      port.start();
    },
    onClose: (listener) => port.addEventListener("close", () => listener()),
    close: () => port.close(),
  };
}
