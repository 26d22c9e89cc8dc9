import { mkdtempSync, rmSync } from "node:fs";
import { connect as connectTo, createServer, type Socket } from "node:net";
import os from "node:os";
import path from "node:path";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { WebSocketServer } from "ws";
import { type Served, serve } from "../server.ts";
import { inProcessTransports, type Transport } from "../transport.ts";
import { type PortLike, portTransport } from "../transports/port.ts";
import { type StreamLike, streamTransport } from "../transports/stream.ts";
import { connectSocket, type SocketLike, socketTransport } from "../transports/web-socket.ts";

/** A core that serves over one kind of transport, and a way to it that can be opened any number of times. */
export interface Rig {
  readonly connect: () => Transport | Promise<Transport>;
  /** Address or file of a socket, for a peer that doesn't speak the wire. */
  readonly place?: string;
  /** Hangs up on every face from the core's side, as a crash would. */
  readonly drop: () => void;
  readonly close: () => Promise<void>;
}

export type OpenRig = (served: Served) => Promise<Rig>;

const droppable = () => {
  const open = new Set<Transport>();
  return {
    keep: (transport: Transport) => {
      open.add(transport);
      return transport;
    },
    drop: () => {
      for (const transport of open) transport.close();
      open.clear();
    },
  };
};

const inProcess: OpenRig = async (served) => {
  const { keep, drop } = droppable();
  return {
    connect: () => {
      const [face, core] = inProcessTransports();
      serve(keep(core), served);
      return face;
    },
    drop,
    close: async () => drop(),
  };
};

// Node's port has the listeners of the browser's, with events of its own type.
const overPort = (port: MessagePort): Transport => portTransport(port as unknown as PortLike);

const messagePort: OpenRig = async (served) => {
  const { keep, drop } = droppable();
  return {
    connect: () => {
      const { port1, port2 } = new MessageChannel();
      serve(keep(overPort(port2)), served);
      return overPort(port1);
    },
    drop,
    close: async () => drop(),
  };
};

const webSocket: OpenRig = async (served) => {
  const { keep, drop } = droppable();
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, maxPayload: 64 * 2 ** 20 });
  server.on("connection", (socket) => serve(keep(socketTransport(socket as unknown as SocketLike)), served));
  await new Promise<void>((resolve) => server.once("listening", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    place: `ws://127.0.0.1:${port}`,
    connect: () => connectSocket(new WebSocket(`ws://127.0.0.1:${port}`)),
    drop,
    close: async () => {
      for (const socket of server.clients) socket.terminate();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
};

const overStream = (socket: Socket): Transport => streamTransport(socket as StreamLike);

const unixSocket: OpenRig = async (served) => {
  const { keep, drop } = droppable();
  const folder = mkdtempSync(path.join(os.tmpdir(), "sb-rpc-"));
  const file = path.join(folder, "s");
  const server = createServer((socket) => serve(keep(overStream(socket)), served));
  await new Promise<void>((resolve) => server.listen(file, resolve));
  return {
    place: file,
    connect: () =>
      new Promise((resolve, reject) => {
        const socket = connectTo(file);
        socket.once("connect", () => resolve(overStream(socket)));
        socket.once("error", reject);
      }),
    drop,
    close: async () => {
      drop();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export const rigs: readonly (readonly [string, OpenRig])[] = [
  ["in-process", inProcess],
  ["MessagePort", messagePort],
  ["WebSocket", webSocket],
  ["Unix socket", unixSocket],
];
