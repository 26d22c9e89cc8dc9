import { AppError } from "../../contract/errors.ts";
import { Unreadable } from "../read-message.ts";
import type { Transport } from "../transport.ts";
import { decodeFrame, decodeText, encodeFrame, encodeText, isFrame } from "./encoding.ts";

/** What the browser's WebSocket, Node's and a server's have in common. */
export interface SocketLike {
  binaryType: string;
  readonly readyState: number;
  send(content: string | Uint8Array<ArrayBuffer>): void;
  addEventListener(
    type: "open" | "message" | "close" | "error",
    listener: (event: { readonly data?: unknown }) => void,
  ): void;
  close(): void;
}

const connecting = 0;
const open = 1;

/** JSON as text messages, frames as binary ones. A closed socket takes nothing any more; the close reports it. */
export function socketTransport(socket: SocketLike): Transport {
  socket.binaryType = "arraybuffer";
  return {
    send: (message) => {
      const content = isFrame(message) ? encodeFrame(message) : encodeText(message);
      if (socket.readyState === open) socket.send(content);
    },
    onMessage: (listener) => socket.addEventListener("message", ({ data }) => listener(decoded(data))),
    onClose: (listener) => socket.addEventListener("close", () => listener()),
    close: () => socket.close(),
  };
}

function decoded(content: unknown): unknown {
  if (typeof content === "string") return decodeText(content);
  if (content instanceof ArrayBuffer) return decodeFrame(new Uint8Array(content));
  return new Unreadable("rpc/malformed", "A message is text or bytes.");
}

/** The transport over a socket that is still connecting. @throws rpc/closed where it can't connect */
export async function connectSocket(socket: SocketLike): Promise<Transport> {
  const transport = socketTransport(socket);
  if (socket.readyState !== connecting) return transport;
  await new Promise<void>((resolve, reject) => {
    const fail = () =>
      reject(new AppError({ code: "rpc/closed", message: "The connection to the core could not be made." }));
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", fail);
    socket.addEventListener("close", fail);
  });
  return transport;
}
