import http from "node:http";
import type { AddressInfo } from "node:net";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** Who logged in; null for a request that was refused. */
  readonly user: string | null;
}

export interface LoginProxy {
  readonly uri: string;
  readonly seen: readonly SeenRequest[];
  readonly close: () => Promise<void>;
}

const refusal = { "www-authenticate": 'Basic realm="mlflow"', "content-type": "text/plain" };

/** A real server behind basic authentication, as MLflow's own and every reverse proxy does it: 401 without a known login. */
export async function startLoginProxy(
  target: string,
  passwords: Readonly<Record<string, string>>,
): Promise<LoginProxy> {
  const seen: SeenRequest[] = [];
  const userOf = ({ headers }: http.IncomingMessage): string | null => {
    const [scheme, encoded = ""] = (headers.authorization ?? "").split(" ");
    const [user = "", password] = Buffer.from(encoded, "base64").toString().split(":");
    return scheme === "Basic" && Object.hasOwn(passwords, user) && passwords[user] === password ? user : null;
  };
  const server = http.createServer(async (incoming, outgoing) => {
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece);
    const body = Buffer.concat(pieces);
    const user = userOf(incoming);
    const { method = "GET", url = "/" } = incoming;
    seen.push({ method, path: url, body: body.toString("latin1"), user });
    if (user === null) return void outgoing.writeHead(401, refusal).end("You are not authenticated.");
    const { authorization: _, ...headers } = incoming.headers;
    const forwarded = { ...headers, host: new URL(target).host, "content-length": String(body.length) };
    http
      .request(`${target}${url}`, { method, headers: forwarded }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      })
      .on("error", () => incoming.socket.destroy())
      .end(body);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    uri: `http://127.0.0.1:${port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
