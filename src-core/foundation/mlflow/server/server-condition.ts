import { statSync } from "node:fs";
import { isSameProcessAlive } from "../../files/process-identity.ts";
import { liveServer, recordOfCopy, type ServerRecord, serverUri } from "./server-record.ts";

/**
 * How a folder's managed server is. `copied`: there is none, and the record is of the server of the folder that this one was copied from.
 * `moved`: it was started where the folder was before. `elsewhere`: it runs in another container or on another host. `replaced`: another
 * server answers at its address. `silent`: its process lives, but doesn't answer.
 */
export interface ServerCondition {
  readonly state: "none" | "running" | "copied" | "moved" | "elsewhere" | "replaced" | "silent";
  readonly record?: ServerRecord;
}

/** Checks a folder's server. Starts none and changes nothing. */
export async function serverCondition(folder: string): Promise<ServerCondition> {
  const record = liveServer(folder);
  if (record === undefined) {
    const copied = recordOfCopy(folder);
    return copied === undefined ? { state: "none" } : { state: "copied", record: copied };
  }
  const isHere = isSameProcessAlive(record.identity);
  if (isHere && isMovedAway(record, folder)) return { state: "moved", record };
  const answer = await answerOf(record);
  if (answer === "own") return { state: "running", record };
  if (!isHere) return { state: "elsewhere", record };
  return { state: answer === "other" ? "replaced" : "silent", record };
}

/** True where the folder is no longer at the place at which its server was started: neither a link nor a mount leads there. */
export function isMovedAway(record: ServerRecord, folder: string): boolean {
  try {
    const [then, now] = [statSync(record.folder), statSync(folder)];
    return then.ino !== now.ino || then.dev !== now.dev;
  } catch {
    return true;
  }
}

/** Who answers at a server's address: this server, another one (which may have its port by now), or none. */
export async function answerOf(record: ServerRecord): Promise<"own" | "other" | "none"> {
  // Imported late: where no server runs, a look at it loads no HTTP.
  const { openConnection, readBody } = await import("../http/exchange.ts");
  const connection = openConnection(false);
  try {
    const request = { url: `${serverUri(record)}/health`, method: "GET", headers: {}, signal: undefined } as const;
    const answer = await connection.send({ ...request, timeoutMs: 10_000 });
    await readBody(answer, 1 << 20);
    if (answer.headers["x-signalbox-server"] !== record.id) return "other";
    return answer.statusCode === 200 ? "own" : "none";
  } catch {
    return "none";
  } finally {
    connection.close();
  }
}
