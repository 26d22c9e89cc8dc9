import { createWriteStream } from "node:fs";
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type * as z from "zod";
import { AppError, cancelled } from "../../../contract/errors.ts";
import { fileError } from "../../files/durable.ts";
import type { Address } from "./address.ts";
import { answerError, isLostRace, unreachable } from "./answer-errors.ts";
import { asNoAnswer, type Body, type ExchangeRequest, NoAnswer, openConnection, readBody } from "./exchange.ts";
import type { Trust } from "./trust.ts";

export interface HttpOptions {
  readonly address: Address;
  /** Which servers it trusts, if the address is https. */
  readonly trust?: Trust;
  /** Aborts every request of this client. */
  readonly signal?: AbortSignal | undefined;
  /** Longest time without data from the server, in ms. */
  readonly timeoutMs?: number;
  /** Maximum number of attempts. */
  readonly attempts?: number;
  /** First pause before another attempt, in ms; it doubles each time. */
  readonly pauseMs?: number;
}

interface Call {
  readonly method: ExchangeRequest["method"];
  /** Path below the server's address, with a leading slash and encoded segments. */
  readonly path: string;
  /** The request in words, for messages: "create a run". */
  readonly doing: string;
  /**
   * False for requests that must not be repeated: they are sent again only if the server can't have acted (nothing listened, 429). After a
   * lost response, the caller looks for the result.
   */
  readonly isRepeatable?: boolean;
}

export interface JsonCall<T> extends Call {
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly schema: z.ZodType<T>;
}

export interface Http {
  readonly uri: string;
  readonly attempts: number;
  readonly json: <T>(call: JsonCall<T>) => Promise<T>;
  /** Sends bytes or a file and ignores the response. */
  readonly send: (call: Call & { readonly body?: Body }) => Promise<void>;
  readonly text: (call: Call & { readonly limitBytes: number }) => Promise<string>;
  /** Streams the response into a new file; returns its bytes. */
  readonly download: (call: Call & { readonly file: string }) => Promise<number>;
  /** Waits before attempt `attempt` + 1, longer each time, until the client's signal aborts. */
  readonly pause: (attempt: number) => Promise<void>;
  readonly close: () => void;
}

const jsonLimitBytes = 256 << 20;
const longestPauseMs = 5_000;

export function isSecure({ uri }: Pick<Address, "uri">): boolean {
  return uri.startsWith("https:");
}

/** HTTP client of a tracking server, with retries, time limits and error mapping. */
export function openHttp(options: HttpOptions): Http {
  const { address, signal, timeoutMs = 60_000, attempts = 6, pauseMs = 100 } = options;
  const connection = openConnection(isSecure(address), options.trust);
  const authorization = address.authorization === undefined ? {} : { authorization: address.authorization };

  const pause = async (attempt: number, atLeastMs = 0): Promise<void> => {
    const growing = Math.min(pauseMs * 2 ** (attempt - 1), longestPauseMs);
    await sleep(Math.max(growing, Math.min(atLeastMs, longestPauseMs)), undefined, signal ? { signal } : {}).catch(
      () => {
        throw cancelled();
      },
    );
  };

  /** Repeats the request until there is a response that another try wouldn't change, and passes that to `read`. An incomplete body counts as none. */
  async function exchange<T>(
    call: Call & { readonly body?: Body },
    read: (answer: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt >= attempts;
      let retryAfterMs = 0;
      try {
        const answer = await connection.send({
          url: `${address.uri}${call.path}`,
          method: call.method,
          headers: { accept: "*/*", ...authorization },
          ...(call.body === undefined ? {} : { body: call.body }),
          timeoutMs,
          signal,
        });
        const status = answer.statusCode ?? 0;
        if (status >= 200 && status < 300) return await read(answer);
        const failed = answerError(await failedAnswer(answer), call.doing, address.uri);
        const isPassing = status === 429 || ((status >= 500 || isLostRace(failed)) && call.isRepeatable !== false);
        if (!isPassing || isLast) throw failed;
        retryAfterMs = Number(answer.headers["retry-after"] ?? 0) * 1_000 || 0;
      } catch (error) {
        if (!(error instanceof NoAnswer)) throw error;
        if (isLast || (call.isRepeatable === false && !error.isRefused)) {
          throw unreachable(address.uri, call.doing, error.message);
        }
      }
      await pause(attempt, retryAfterMs);
    }
  }

  return {
    uri: address.uri,
    attempts,
    json: async ({ body, query, schema, ...call }) => {
      const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const text = await exchange(
        {
          ...call,
          path: `${call.path}${queryText(query)}`,
          ...(bytes === undefined ? {} : { body: { kind: "bytes", bytes, type: "application/json" } }),
        },
        async (answer) => (await readBody(answer, jsonLimitBytes)).toString("utf8"),
      );
      return parseAnswer(text, schema, `${call.doing} (${address.uri})`);
    },
    send: (call) => exchange(call, async (answer) => void (await readBody(answer, jsonLimitBytes))),
    text: (call) => exchange(call, async (answer) => (await readBody(answer, call.limitBytes)).toString("utf8")),
    download: (call) => exchange(call, (answer) => intoFile(answer, call.file)),
    pause,
    close: connection.close,
  };
}

function queryText(query: JsonCall<unknown>["query"]): string {
  const given = Object.entries(query ?? {}).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, String(value)] as [string, string]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}

async function failedAnswer(answer: IncomingMessage) {
  return {
    status: answer.statusCode ?? 0,
    contentType: answer.headers["content-type"] ?? "",
    location: answer.headers.location,
    text: (await readBody(answer, 1 << 20)).toString("utf8"),
  };
}

async function intoFile(answer: IncomingMessage, file: string): Promise<number> {
  const target = createWriteStream(file);
  try {
    await pipeline(answer, target);
  } catch (error) {
    throw isOfDisk(error) ? fileError(error, "write", file) : asNoAnswer(error);
  }
  return target.bytesWritten;
}

/** A failed open has a path; a write that fails later only has the error of the disk. */
function isOfDisk(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return "path" in error || ("code" in error && /^(ENOSPC|EDQUOT|EIO|EFBIG)$/.test(String(error.code)));
}

function parseAnswer<T>(text: string, schema: z.ZodType<T>, doing: string): T {
  const broken = (reason: string) =>
    new AppError({
      code: "tracking/not-mlflow",
      message: `The response to '${doing}' isn't from MLflow: ${reason}`,
      hint: "Check the tracking address: another program or a proxy may be running there.",
    });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw broken(`not JSON (${text.slice(0, 80)})`);
  }
  const checked = schema.safeParse(parsed);
  if (checked.success) return checked.data;
  throw broken(checked.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "));
}
