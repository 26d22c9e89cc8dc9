import type { Message } from "./wire.ts";

/** One end of a two-way channel that keeps order. What arrives is unparsed; what couldn't be decoded arrives as an `Unreadable`. */
export interface Transport {
  /** @throws rpc/too-large where the transport has a bound that the message passes; nothing is sent then */
  send(message: Message): void;
  onMessage(listener: (value: unknown) => void): void;
  /** The other end has disconnected, or this one was closed: a hang-up. */
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
    // Behind what was sent before.
    queueMicrotask(() => this.peer?.close());
  }
}
