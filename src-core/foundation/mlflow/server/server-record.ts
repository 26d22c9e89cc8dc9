import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { processIdentity } from "../../../contract/schema-parts.ts";
import { isSameProcessAlive } from "../../files/process-identity.ts";

/** The record that the managed server writes about itself. It remains after the server has ended. */
const serverRecordSchema = z.object({
  schema: z.literal(1),
  port: z.number().int().min(1).max(65_535),
  identity: processIdentity,
  startedAt: z.number(),
});
export type ServerRecord = z.output<typeof serverRecordSchema>;

export const serverRecordFile = (folder: string): string => path.join(folder, "server.json");
export const serverLogFile = (folder: string): string => path.join(folder, "server.log");

/** Reads the record of a live server; undefined if there is none, it has ended, or the machine has rebooted since. */
export function liveServer(folder: string): ServerRecord | undefined {
  const file = serverRecordFile(folder);
  if (!existsSync(file)) return undefined;
  try {
    const record = serverRecordSchema.parse(JSON.parse(readFileSync(file, "utf8")));
    return isSameProcessAlive(record.identity) ? record : undefined;
  } catch {
    // An unreadable record isn't from a live server, because only a complete one is renamed into place.
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
