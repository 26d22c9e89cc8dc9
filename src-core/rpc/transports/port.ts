import type { Transport } from "../transport.ts";

/** What Node's and the browser's MessagePort have in common. */
export interface PortLike {
  postMessage(value: unknown): void;
  addEventListener(type: "message" | "close", listener: (event: { readonly data?: unknown }) => void): void;
  start(): void;
  close(): void;
}

/** A port clones values: frames travel as they are, and nothing is measured in bytes. */
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
