import { existsSync, statSync } from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { fileError, makeFolder } from "../files/durable.ts";

/**
 * A lock that the kernel holds for a process and takes back when it ends, however it ends; it is seen by every user and container that
 * shares the disk, where process numbers say nothing. Node has no call for it: an SQLite database that holds nothing has. The file may
 * only be opened through here: to close any other handle on it would let go of this process's lock.
 */
export interface HeldLock {
  release(): void;
}

/** A database that nothing refers to is closed when memory is collected, and its lock would be gone. */
const held = new Set<Database.Database>();

const isBusy = (error: unknown): boolean =>
  error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY");

/** Takes the lock; undefined where another process holds it for longer than `waitMs`. @throws files/* */
export function tryLock(file: string, waitMs = 0): HeldLock | undefined {
  let database: Database.Database | undefined;
  try {
    makeFolder(path.dirname(file));
    database = new Database(file, { timeout: waitMs });
    // Nothing is written, and a killed holder is to leave nothing to be rolled back.
    database.pragma("journal_mode = MEMORY");
    database.exec("BEGIN EXCLUSIVE");
    const taken = database;
    held.add(taken);
    return {
      release: () => {
        held.delete(taken);
        taken.close();
      },
    };
  } catch (error) {
    database?.close();
    if (isBusy(error)) return undefined;
    throw fileError(error, "lock", file);
  }
}

/** True while a process holds it. Fails if the file can't be read, because then the answer is unknown. @throws files/* */
export function isLocked(file: string): boolean {
  if (!existsSync(file)) return false;
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { readonly: true, timeout: 0 });
    // Reading takes the shared lock, which isn't granted beside the exclusive one.
    database.prepare("SELECT count(*) FROM sqlite_master").get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw fileError(error, "read", file);
  } finally {
    database?.close();
  }
}

/** Identifies a lock file over renames and mounts; a copy of it has another identity. @throws files/* */
export function lockId(file: string): string {
  try {
    const { dev, ino } = statSync(file, { bigint: true });
    return `${dev}-${ino}`;
  } catch (error) {
    throw fileError(error, "read", file);
  }
}
