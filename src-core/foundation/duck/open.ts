import { existsSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance, version } from "@duckdb/node-api";
import { cancelled } from "../../contract/errors.ts";
import { fileError } from "../files/durable.ts";
import { duckError } from "./errors.ts";
import { literal } from "./quote.ts";

export type DuckRow = Readonly<Record<string, unknown>>;

export interface DuckOptions {
  /** The folder DuckDB spills to; created if missing, removed by `close`. */
  readonly tempDirectory: string;
  /** Default: DuckDB's, the number of cores. */
  readonly threads?: number;
  /** Default: DuckDB's, 80 % of the machine's memory. */
  readonly memoryLimitBytes?: number;
  /** Interrupts whatever is running; the call in progress rejects as cancelled. */
  readonly signal?: AbortSignal;
  /** The file named in errors that name none themselves. */
  readonly files?: readonly string[];
  /** Absolute folders and files (links are followed) beside the temporary one: nothing else can be read or written, by any SQL. */
  readonly confinedTo?: { readonly folders: readonly string[]; readonly files: readonly string[] };
}

/** An in-memory DuckDB with settings under which results don't depend on the machine. The caller that opened it owns it. */
export interface Duck {
  readonly version: string;
  readonly tempDirectory: string;
  readonly run: (sql: string) => Promise<void>;
  /** All rows; 64-bit integers as bigint (see `count`), times as Date. Select strings where exactness matters. */
  readonly rows: (sql: string) => Promise<readonly DuckRow[]>;
  /** The only row. */
  readonly row: (sql: string) => Promise<DuckRow>;
  /** Result chunks in order, never all in memory at once. */
  readonly chunks: (sql: string) => AsyncGenerator<DuckDBDataChunk>;
  /** Another connection to the same database, for parallel work; it sees no temporary tables. Its caller closes it. */
  readonly sibling: () => Promise<Duck>;
  readonly close: () => void;
}

/** The DuckDB library's version: "v1.5.6". */
export const duckVersion: string = version();

export async function openDuck(options: DuckOptions): Promise<Duck> {
  try {
    mkdirSync(options.tempDirectory, { recursive: true });
  } catch (error) {
    throw fileError(error, "make", options.tempDirectory);
  }
  const instance = await DuckDBInstance.create(":memory:", {
    temp_directory: options.tempDirectory,
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    preserve_insertion_order: "true",
    ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
    ...(options.memoryLimitBytes === undefined
      ? {}
      : { memory_limit: `${Math.max(1, Math.floor(options.memoryLimitBytes / 1_000_000))}MB` }),
  });
  if (options.confinedTo !== undefined) await confine(instance, options.confinedTo);
  const close = () => {
    instance.closeSync();
    rmSync(options.tempDirectory, { recursive: true, force: true });
  };
  return connect(instance, options, close);
}

/** DuckDB can't undo either setting while the database is open. It follows links before it compares, so the targets of links are listed too. */
async function confine(instance: DuckDBInstance, to: NonNullable<DuckOptions["confinedTo"]>): Promise<void> {
  const list = (paths: readonly string[]) =>
    `[${[...new Set([...paths, ...paths.filter((it) => existsSync(it)).map((it) => realpathSync(it))])].map(literal).join(", ")}]`;
  const connection = await instance.connect();
  await connection.run(`SET allowed_directories = ${list(to.folders)}`);
  await connection.run(`SET allowed_paths = ${list(to.files)}`);
  await connection.run("SET enable_external_access = false");
  connection.closeSync();
}

async function connect(instance: DuckDBInstance, options: DuckOptions, afterClose: () => void): Promise<Duck> {
  const connection = await instance.connect();
  await connection.run("SET TimeZone='UTC'");
  // With the default of 1 MB a streamed result stalls every few chunks.
  await connection.run("SET streaming_buffer_size='32MB'");
  return wrap(connection, options, {
    sibling: () => connect(instance, options, () => undefined),
    afterClose,
  });
}

function wrap(
  connection: DuckDBConnection,
  options: DuckOptions,
  rest: { readonly sibling: () => Promise<Duck>; readonly afterClose: () => void },
): Duck {
  const { signal, files } = options;
  const interrupt = () => connection.interrupt();
  signal?.addEventListener("abort", interrupt, { once: true });

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    if (signal?.aborted) throw cancelled();
    try {
      return await work();
    } catch (error) {
      throw signal?.aborted ? cancelled() : duckError(error, files);
    }
  }

  const rows = (sql: string) =>
    guarded(async (): Promise<readonly DuckRow[]> => (await connection.runAndReadAll(sql)).getRowObjectsJS());

  return {
    version: duckVersion,
    tempDirectory: options.tempDirectory,
    run: (sql) => guarded(async () => void (await connection.run(sql))),
    rows,
    row: async (sql) => {
      const [first] = await rows(sql);
      if (first === undefined) throw new Error(`No row from: ${sql.slice(0, 200)}`);
      return first;
    },
    chunks: async function* (sql) {
      const result = await guarded(() => connection.stream(sql));
      for (;;) {
        const chunk = await guarded(() => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) return;
        yield chunk;
      }
    },
    sibling: rest.sibling,
    close: () => {
      signal?.removeEventListener("abort", interrupt);
      connection.closeSync();
      rest.afterClose();
    },
  };
}

/** A count as a number. @throws if the value isn't a whole number that a double holds exactly. */
export function count(value: unknown): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number)) throw new Error(`Not a count: ${String(value)}`);
  return number;
}

export function textOrNull(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}
