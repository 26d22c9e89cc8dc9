import { existsSync } from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { nextStep, programStep } from "../../contract/build-step.ts";
import { AppError, toAppError } from "../../contract/errors.ts";
import { fileError, makeFolder } from "../files/durable.ts";
import { freeBytes } from "../files/free-space.ts";
import { migrations } from "./migrations.ts";

type Value = string | number | null;
export type Row = Readonly<Record<string, unknown>>;

/** What a reader may do. Areas that only look take this type. */
export interface CatalogueReader {
  /** All rows of a SELECT; `parameters` fill its `?`. */
  all(sql: string, ...parameters: Value[]): Row[];
  get(sql: string, ...parameters: Value[]): Row | undefined;
}

/** Statements of one write transaction; only `write` hands it out. */
export interface CatalogueWriter extends CatalogueReader {
  /** Rows changed. */
  run(sql: string, ...parameters: Value[]): number;
}

export interface Catalogue extends CatalogueReader {
  /** Runs `work` in one immediate transaction: all of it is kept, or nothing. Must not be nested or asynchronous. */
  write<T>(work: (writer: CatalogueWriter) => T): T;
  /** Another one after every write, by whomever: cheap enough to be asked many times a second. */
  version(): string;
  close(): void;
}

/** How long a writer waits for another process's transaction before giving up. */
const busyTimeoutMs = 20_000;

/** Opens (and makes, and migrates) the catalogue of a project. Safe with several processes at work. */
export function openCatalogue(file: string, steps: readonly string[] = migrations): Catalogue {
  let database: Database.Database;
  try {
    makeFolder(path.dirname(file));
    database = new Database(file, { timeout: busyTimeoutMs });
  } catch (error) {
    throw fileError(sqliteError(error, file), "open", file);
  }
  try {
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = NORMAL");
    database.pragma("foreign_keys = ON");
    migrate(database, file, steps);
  } catch (error) {
    database.close();
    throw sqliteError(error, file);
  }
  return new SqliteCatalogue(database, file);
}

function migrate(database: Database.Database, file: string, steps: readonly string[]): void {
  const versionOf = () => Number(database.pragma("user_version", { simple: true }));
  if (versionOf() === steps.length) return;
  // Immediate: of two processes that open an old catalogue together one migrates, the other finds it done.
  const run = database.transaction(() => {
    const from = versionOf();
    if (from > steps.length) {
      throw new AppError({
        code: "catalogue/newer-version",
        message: `${file} was written by a newer Signalbox (schema ${from}; this one knows ${steps.length}).`,
        hint: "Update Signalbox, or move the file aside: the next command rebuilds it from the tracked files and MLflow.",
        details: { file, found: from, known: steps.length },
      });
    }
    for (const [index, step] of steps.slice(from).entries()) {
      try {
        database.exec(step);
      } catch (error) {
        throw new AppError({
          code: "catalogue/migration-failed",
          message: `Migration ${from + index + 1} of ${file} failed and was undone: ${error instanceof Error ? error.message : String(error)}`,
          hint: "Nothing was changed. Move the file aside to have it rebuilt from the tracked files and MLflow.",
          details: { file, migration: from + index + 1 },
          cause: error,
        });
      }
    }
    database.pragma(`user_version = ${steps.length}`);
  });
  run.immediate();
}

const fullBytes = 65_536;

function isFull(file: string): boolean {
  try {
    return freeBytes(path.dirname(file)) < fullBytes;
  } catch {
    return false;
  }
}

function sqliteError(error: unknown, file: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const isUnwritable = /^SQLITE_(READONLY|CANTOPEN)/.test(error.code);
  if (isUnwritable && existsSync(path.dirname(file)) && !isFull(file)) {
    return new AppError({
      code: "files/no-permission",
      message: `Can't write ${file}: ${error.message}.`,
      hint: "Give yourself permission on that file and its folder: a catalogue that is only read has to be written to as well.",
      details: { file },
      cause: error,
    });
  }
  // Of a full disk SQLite often says only that reading or writing failed.
  if (error.code === "SQLITE_FULL" || ((isUnwritable || error.code.startsWith("SQLITE_IOERR")) && isFull(file))) {
    return new AppError({
      code: "files/disk-full",
      message: `No space left for ${file}; the transaction was undone.`,
      hint: "Free space, then run the command again.",
      next: [nextStep("environment.collect", {}, "shows what it can free")],
      details: { file },
      cause: error,
    });
  }
  if (error.code === "SQLITE_NOTADB" || error.code.startsWith("SQLITE_CORRUPT")) {
    return new AppError({
      code: "catalogue/corrupt",
      message: `${file} is not a readable catalogue: ${error.message}`,
      hint: "Move it aside: the next command rebuilds it from the tracked files and MLflow.",
      next: [programStep(["mv", file, `${file}.broken`], "moves it aside")],
      details: { file },
      cause: error,
    });
  }
  if (error.code.startsWith("SQLITE_BUSY")) {
    return new AppError({
      code: "catalogue/busy",
      message: `${file} stayed locked by another process for ${busyTimeoutMs / 1000} s.`,
      hint: "Try again when it ended.",
      next: [nextStep("runs.status", {}, "shows what runs")],
      details: { file },
      cause: error,
    });
  }
  return toAppError(error);
}

class SqliteCatalogue implements Catalogue {
  readonly #database: Database.Database;
  readonly #file: string;
  readonly #statements = new Map<string, Database.Statement>();
  /** SQLite's own mark of a change says nothing of one's own writes. */
  #writes = 0;

  constructor(database: Database.Database, file: string) {
    this.#database = database;
    this.#file = file;
  }

  #prepare(sql: string): Database.Statement {
    const known = this.#statements.get(sql);
    if (known) return known;
    const made = this.#database.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw sqliteError(error, this.#file);
    }
  }

  all(sql: string, ...parameters: Value[]): Row[] {
    return this.#guard(() => this.#prepare(sql).all(...parameters) as Row[]);
  }

  get(sql: string, ...parameters: Value[]): Row | undefined {
    return this.#guard(() => this.#prepare(sql).get(...parameters) as Row | undefined);
  }

  write<T>(work: (writer: CatalogueWriter) => T): T {
    const writer: CatalogueWriter = {
      all: (sql, ...parameters) => this.#prepare(sql).all(...parameters) as Row[],
      get: (sql, ...parameters) => this.#prepare(sql).get(...parameters) as Row | undefined,
      run: (sql, ...parameters) => this.#prepare(sql).run(...parameters).changes,
    };
    this.#writes += 1;
    return this.#guard(() => this.#database.transaction(() => work(writer)).immediate());
  }

  version(): string {
    return `${this.get("PRAGMA data_version")?.data_version}:${this.#writes}`;
  }

  close(): void {
    this.#database.close();
  }
}
