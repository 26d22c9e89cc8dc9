import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { processIdentity } from "../../../contract/schema-parts.ts";
import { isLocked, lockId } from "../../locks/process-lock.ts";

/** The record that the managed server writes about itself. It remains after the server has ended. */
const serverRecordSchema = z.object({
  schema: z.literal(2),
  /** In the head `x-signalbox-server` of each of its responses. */
  id: z.string(),
  /** Of which lock it is: a copied folder has the record of another one's server. */
  lock: z.string(),
  /** Where it was started; the folder may have been moved since, or be mounted at several places. */
  folder: z.string(),
  port: z.number().int().min(1).max(65_535),
  identity: processIdentity,
  startedAt: z.number(),
});
export type ServerRecord = z.output<typeof serverRecordSchema>;

export const serverRecordFile = (folder: string): string => path.join(folder, "server.json");
const serverLock = (folder: string): string => path.join(folder, "server.lock");
export const serverLogFile = (folder: string): string => path.join(folder, "server.log");

/**
 * Reads the record of a folder's live server; undefined if there is none, or it is about to write its record. It lives while the lock in this
 * folder is held, by whatever user or container.
 */
export function liveServer(folder: string): ServerRecord | undefined {
  if (!existsSync(serverRecordFile(folder)) || !isLocked(serverLock(folder))) return undefined;
  const record = readRecord(folder);
  return record?.lock === lockId(serverLock(folder)) ? record : undefined;
}

/** Reads the record that came with a copied folder and is of the server of the original; undefined if the record is this folder's own. */
export function recordOfCopy(folder: string): ServerRecord | undefined {
  if (!existsSync(serverLock(folder))) return undefined;
  const record = readRecord(folder);
  return record?.lock === lockId(serverLock(folder)) ? undefined : record;
}

/** An unreadable record isn't from a server, because only a complete one is renamed into place. */
function readRecord(folder: string): ServerRecord | undefined {
  try {
    return serverRecordSchema.parse(JSON.parse(readFileSync(serverRecordFile(folder), "utf8")));
  } catch {
    return undefined;
  }
}

export function serverUri(record: ServerRecord): string {
  return `http://127.0.0.1:${record.port}`;
}

/** Reads the last lines of the server's log, for an error message. */
export function serverLogTail(folder: string, lines = 15): string {
  try {
    return readFileSync(serverLogFile(folder), "utf8").trimEnd().split("\n").slice(-lines).join("\n");
  } catch {
    return "";
  }
}
