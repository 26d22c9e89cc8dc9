import http from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What happens to one request on its way. */
export type Fault =
  | "none"
  /** The connection breaks before the server receives it. */
  | "drop before"
  /** The server does it, but the answer is lost. */
  | "drop after"
  | "500 before"
  | "500 after"
  | "429"
  /** It arrives twice. */
  | "double"
  /** It arrives late, and is answered late. */
  | "slow"
  /** Its answer stops in the middle. */
  | "half answer";

export const faults: readonly Fault[] = [
  "drop before",
  "drop after",
  "500 before",
  "500 after",
  "429",
  "double",
  "slow",
  "half answer",
];

export interface Seen {
  readonly method: string;
  readonly path: string;
}

export interface FaultyProxy {
  readonly uri: string;
  /** Requests so far. */
  readonly seen: readonly Seen[];
  /** Connections accepted so far. */
  readonly sockets: () => number;
  /** Most connections open at once so far. */
  readonly mostSockets: () => number;
  /** Decides the fault of each following request. */
  setFaults(decide: (request: Seen) => Fault): void;
  /** Rewrites the forwarded request, to imitate a server that shortens values. */
  setRewrite(rewrite: (request: Seen, body: Buffer) => Buffer): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A proxy in front of a real server that loses, duplicates, delays and breaks requests. */
export async function startFaultyProxy(target: string, slowMs = 30): Promise<FaultyProxy> {
  const seen: Seen[] = [];
  let decide: (request: Seen) => Fault = () => "none";
  let rewrite: (request: Seen, body: Buffer) => Buffer = (_request, body) => body;
  const counts = { sockets: 0, open: 0, most: 0 };
  const agent = new http.Agent({ keepAlive: true, timeout: 4_000 });

  const forward = (incoming: http.IncomingMessage, body: Buffer): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const headers = { ...incoming.headers, host: new URL(target).host, "content-length": String(body.length) };
      const outgoing = http.request(`${target}${incoming.url}`, { method: incoming.method ?? "GET", headers, agent });
      outgoing.on("error", reject);
      outgoing.on("response", async (answer) => {
        const pieces: Buffer[] = [];
        for await (const piece of answer) pieces.push(piece);
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(pieces) });
      });
      outgoing.end(body);
    });

  const server = http.createServer(async (incoming, outgoing) => {
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece);
    const request = { method: incoming.method ?? "GET", path: incoming.url ?? "/" };
    const body = rewrite(request, Buffer.concat(pieces));
    seen.push(request);
    const fault = decide(request);
    const refuse = (status: number) => outgoing.writeHead(status, { "content-type": "text/plain" }).end("by the proxy");
    try {
      if (fault === "drop before") return void incoming.socket.destroy();
      if (fault === "500 before") return void refuse(500);
      if (fault === "429") return void refuse(429);
      if (fault === "slow") await sleep(slowMs);
      const answer = await forward(incoming, body);
      if (fault === "double") await forward(incoming, body);
      if (fault === "drop after") return void incoming.socket.destroy();
      if (fault === "500 after") return void refuse(500);
      const { "transfer-encoding": _chunked, connection: _connection, ...headers } = answer.headers;
      outgoing.writeHead(answer.status, { ...headers, "content-length": String(answer.body.length) });
      if (fault !== "half answer") return void outgoing.end(answer.body);
      outgoing.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => incoming.socket.destroy());
    } catch {
      incoming.socket.destroy();
    }
  });
  server.keepAliveTimeout = 60_000;
  server.on("connection", (socket) => {
    counts.sockets += 1;
    counts.open += 1;
    counts.most = Math.max(counts.most, counts.open);
    socket.on("close", () => {
      counts.open -= 1;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    uri: `http://127.0.0.1:${port}`,
    seen,
    sockets: () => counts.sockets,
    mostSockets: () => counts.most,
    setFaults: (next) => {
      decide = next;
    },
    setRewrite: (next) => {
      rewrite = next;
    },
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
