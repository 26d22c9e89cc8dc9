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

/** Read access. Areas that only read use this type. */
export interface CatalogueReader {
  /** Returns all rows of a SELECT; `parameters` fill its `?`. */
  all(sql: string, ...parameters: Value[]): Row[];
  get(sql: string, ...parameters: Value[]): Row | undefined;
}

/** Statements of a write transaction. Only `write` creates it. */
export interface CatalogueWriter extends CatalogueReader {
  /** Returns the number of changed rows. */
  run(sql: string, ...parameters: Value[]): number;
}

export interface Catalogue extends CatalogueReader {
  /** Runs `work` in one immediate transaction, completely or not at all. Must not be nested or asynchronous. */
  write<T>(work: (writer: CatalogueWriter) => T): T;
  /** Another one after every write by any process: cheap enough to be read many times a second. */
  version(): string;
  close(): void;
}

/** How long a writer waits for the transaction of another process before it gives up. */
const busyTimeoutMs = 20_000;

/** Opens the catalogue of a project, and creates or migrates it if necessary. Safe with several processes. */
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
  // Immediate, so that of two processes opening an old catalogue only one migrates it.
  const run = database.transaction(() => {
    const from = versionOf();
    if (from > steps.length) {
      throw new AppError({
        code: "catalogue/newer-version",
        message: `${file} was written by a newer version of Signalbox (schema ${from}; this version supports ${steps.length}).`,
        hint: "Update Signalbox, or move the file away: the next command rebuilds it from the tracked files and MLflow.",
        details: { file, found: from, known: steps.length },
      });
    }
    for (const [index, step] of steps.slice(from).entries()) {
      try {
        database.exec(step);
      } catch (error) {
        throw new AppError({
          code: "catalogue/migration-failed",
          message: `Migration ${from + index + 1} of ${file} failed and was rolled back: ${error instanceof Error ? error.message : String(error)}`,
          hint: "Nothing was changed. Move the file away, and the next command rebuilds it from the tracked files and MLflow.",
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
      hint: "Get write permission for this file and its folder. Signalbox needs it even for commands that only read.",
      details: { file },
      cause: error,
    });
  }
  // On a full disk, SQLite often only reports a failed read or write.
  if (error.code === "SQLITE_FULL" || ((isUnwritable || error.code.startsWith("SQLITE_IOERR")) && isFull(file))) {
    return new AppError({
      code: "files/disk-full",
      message: `There is no space left for ${file}; the transaction was rolled back.`,
      hint: "Free space, then run the command again.",
      next: [nextStep("environment.collect", {}, "shows what it can free")],
      details: { file },
      cause: error,
    });
  }
  if (error.code === "SQLITE_NOTADB" || error.code.startsWith("SQLITE_CORRUPT")) {
    return new AppError({
      code: "catalogue/corrupt",
      message: `${file} isn't a readable catalogue: ${error.message}`,
      hint: "Move it away: the next command rebuilds it from the tracked files and MLflow.",
      next: [programStep(["mv", file, `${file}.broken`], "moves it away")],
      details: { file },
      cause: error,
    });
  }
  if (error.code.startsWith("SQLITE_BUSY")) {
    return new AppError({
      code: "catalogue/busy",
      message: `${file} was locked by another process for ${busyTimeoutMs / 1000} s.`,
      hint: "Try again when that process has ended.",
      next: [nextStep("runs.status", {}, "shows what is running")],
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
