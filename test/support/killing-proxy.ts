import http from "node:http";
import type { AddressInfo } from "node:net";
import type { TestServer } from "./mlflow-server.ts";

/** The request at which the server is killed: `before` it receives it, or `after` it has done the work but before it answers. */
export interface DeathPoint {
  readonly method: string;
  readonly path: RegExp;
  readonly body?: RegExp;
  readonly when: "before" | "after";
}

export interface KillingProxy {
  readonly uri: string;
  /** The next request like this kills the server -9. */
  readonly arm: (point: DeathPoint) => void;
  /** True once it was killed. */
  readonly hasKilled: () => boolean;
  readonly close: () => Promise<void>;
}

/** A proxy in front of a real MLflow server that kills it in the middle of something. */
export async function startKillingProxy(server: TestServer, kill: () => Promise<void>): Promise<KillingProxy> {
  let armed: DeathPoint | undefined;
  let hasKilled = false;
  const proxy = http.createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const point = armed !== undefined && isAt(armed, request, body) ? armed : undefined;
    if (point !== undefined) armed = undefined;
    const die = async () => {
      hasKilled = true;
      await kill();
    };
    if (point?.when === "before") await die();
    const forwarded = http.request(
      `${server.uri}${request.url}`,
      { method: request.method, headers: request.headers },
      (answer) => {
        if (point?.when === "after") {
          answer.resume().once("end", () => void die().then(() => request.socket.destroy()));
          return;
        }
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        answer.once("error", () => request.socket.destroy());
      },
    );
    forwarded.once("error", () => request.socket.destroy());
    forwarded.end(body);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    uri: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    arm: (point) => {
      armed = point;
      hasKilled = false;
    },
    hasKilled: () => hasKilled,
    close: () =>
      new Promise((resolve) => {
        proxy.closeAllConnections();
        proxy.close(() => resolve());
      }),
  };
}

function isAt(point: DeathPoint, request: http.IncomingMessage, body: Buffer): boolean {
  return (
    request.method === point.method &&
    point.path.test(request.url ?? "") &&
    (point.body === undefined || point.body.test(body.toString("utf8")))
  );
}
