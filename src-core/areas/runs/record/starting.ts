import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { encodeError } from "../../../contract/errors.ts";
import type { Core, Tracking } from "../../../foundation/context.ts";
import { writeJsonDurable } from "../../../foundation/files/durable.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";
import { isSameProcessAlive, ownIdentity } from "../../../foundation/files/process-identity.ts";
import { getRun } from "../store.ts";
import { interrupted, tellOutcome } from "./close-run.ts";

const startingSchema = z.object({
  requestId: z.string(),
  experimentId: z.string(),
  process: z.object({ pid: z.number(), startTime: z.string(), bootId: z.string() }),
});
type Starting = z.output<typeof startingSchema>;

/** Those of this process: several runs may be starting at once, and what one of them left by failing is no longer here. */
const own = new Set<string>();

const folderOf = (paths: ProjectPaths): string => path.join(paths.cache, "starting");

/**
 * The request id under which a run is created. Kept in a file until the run has its folder: a process killed between MLflow's answer and
 * that moment would otherwise leave a run nobody knows; the next start of equal versions finds it by the same id. `finish` removes the file;
 * `leave` ends the start, however it ended.
 */
export function beginStarting(
  paths: ProjectPaths,
  run: { readonly fingerprint: string; readonly experimentId: string },
): { readonly requestId: string; readonly finish: () => void; readonly leave: () => void } {
  const file = path.join(folderOf(paths), `${run.fingerprint.slice(0, 32)}.json`);
  const requestId = readStarting(file)?.requestId ?? crypto.randomUUID();
  writeJsonDurable(file, { requestId, experimentId: run.experimentId, process: ownIdentity() } satisfies Starting);
  own.add(file);
  return {
    requestId,
    finish: () => rmSync(file, { force: true }),
    leave: () => void own.delete(file),
  };
}

function readStarting(file: string): Starting | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return startingSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/**
 * Ends what killed starts left and no start of equal versions took up: an empty run of MLflow that the project doesn't know becomes FAILED
 * there; the request id of one that it does know is forgotten, for the next run needs another.
 */
export async function settleStarting(core: Core, { client }: Pick<Tracking, "client">): Promise<void> {
  const folder = folderOf(core.project().paths);
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const file = path.join(folder, name);
    const starting = readStarting(file);
    if (own.has(file)) continue;
    if (starting !== undefined && starting.process.pid !== process.pid && isSameProcessAlive(starting.process))
      continue;
    const runs = starting === undefined ? [] : await client.runsOfRequest(starting);
    for (const { runId, status } of runs) {
      if (status !== "RUNNING" || getRun(core.catalogue(), runId) !== undefined) continue;
      const outcome = {
        status: "FAILED",
        isResumable: false,
        endedAt: core.clock.now().getTime(),
        error: encodeError(interrupted("start")),
      } as const;
      await tellOutcome(client, runId, { outcome, stage: "start" });
    }
    rmSync(file, { force: true });
  }
}
