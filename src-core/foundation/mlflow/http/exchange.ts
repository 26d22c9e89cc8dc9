import { createReadStream, type ReadStream } from "node:fs";
import http from "node:http";
import https from "node:https";
import { pipeline } from "node:stream";
import { cancelled } from "../../../contract/errors.ts";
import type { Trust } from "./trust.ts";

/**
 * Body of a request: bytes, or a file that is streamed. `sizeBytes` must be the size of the file; `onBytes` is called with what was read of it
 * so far.
 */
export type Body =
  | { readonly kind: "bytes"; readonly bytes: Buffer; readonly type: string }
  | {
      readonly kind: "file";
      readonly file: string;
      readonly sizeBytes: number;
      readonly onBytes?: ((sentBytes: number) => void) | undefined;
    };

export interface ExchangeRequest {
  readonly url: string;
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Body;
  /** Longest time without data on the socket, in ms. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** There was no response: the connection broke, was refused or timed out. It is unknown what the server did. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  /** True if the server can't have received the request, because nothing listened. */
  readonly isRefused: boolean;

  constructor(message: string, isRefused: boolean) {
    super(message);
    this.isRefused = isRefused;
  }
}

/** Sockets that stay open between requests; at most two per client, so a server with one worker isn't overloaded. */
export interface Connection {
  /** Resolves with the head of the response. The caller must read its body to the end or destroy it. */
  readonly send: (request: ExchangeRequest) => Promise<http.IncomingMessage>;
  readonly close: () => void;
}

const maxSockets = 2;
/** Shorter than uvicorn's five seconds, because reusing a socket that the server is closing would look like a lost request. */
const idleSocketMs = 4_000;

/** `trust` is for https alone. */
export function openConnection(isSecure: boolean, trust: Trust = {}): Connection {
  const options = { keepAlive: true, maxSockets, maxFreeSockets: maxSockets, timeout: idleSocketMs };
  const agent = isSecure ? new https.Agent({ ...options, ...trust }) : new http.Agent(options);
  const request = isSecure ? https.request : http.request;
  return {
    send: (exchange) =>
      new Promise((resolve, reject) => {
        if (exchange.signal?.aborted) return reject(cancelled());
        const { body } = exchange;
        const headers = { ...exchange.headers, ...bodyHeaders(body) };
        const outgoing = request(exchange.url, {
          method: exchange.method,
          headers,
          agent,
          timeout: exchange.timeoutMs,
        });
        const abort = () => outgoing.destroy(cancelled());
        exchange.signal?.addEventListener("abort", abort, { once: true });
        outgoing.on("timeout", () =>
          outgoing.destroy(new NoAnswer(`no response within ${exchange.timeoutMs} ms`, false)),
        );
        outgoing.on("close", () => exchange.signal?.removeEventListener("abort", abort));
        outgoing.on("error", (error) => reject(asNoAnswer(error)));
        outgoing.on("response", resolve);
        if (body === undefined) outgoing.end();
        else if (body.kind === "bytes") outgoing.end(body.bytes);
        // A server that refuses early responds before it has read everything. The response counts, not the broken pipe.
        else pipeline(readFile(body), outgoing, () => undefined);
      }),
    close: () => agent.destroy(),
  };
}

function readFile({ file, onBytes }: Extract<Body, { kind: "file" }>): ReadStream {
  const stream = createReadStream(file);
  if (onBytes !== undefined) stream.on("data", () => onBytes(stream.bytesRead));
  return stream;
}

function bodyHeaders(body: Body | undefined): Record<string, string> {
  if (body === undefined) return {};
  if (body.kind === "file") {
    return { "content-length": String(body.sizeBytes), "content-type": "application/octet-stream" };
  }
  return { "content-length": String(body.bytes.length), "content-type": body.type };
}

/** Turns a broken connection into NoAnswer. Returns a cancellation or an unreadable local file unchanged. */
export function asNoAnswer(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof NoAnswer || !("code" in error)) return error;
  const code = String(error.code);
  if (code.startsWith("internal/") || "path" in error) return error;
  return new NoAnswer(error.message || code, code === "ECONNREFUSED" || code === "ENOTFOUND");
}

/** Reads the whole body of a response. */
export async function readBody(answer: http.IncomingMessage, limitBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  try {
    for await (const piece of answer) {
      size += piece.length;
      if (size > limitBytes) {
        answer.destroy();
        throw new NoAnswer(`a response of more than ${limitBytes} bytes`, false);
      }
      pieces.push(piece);
    }
  } catch (error) {
    throw asNoAnswer(error);
  }
  return Buffer.concat(pieces);
}
