import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { encodeError } from "../../../contract/errors.ts";
import { processIdentity } from "../../../contract/schema-parts.ts";
import type { Core, Tracking } from "../../../foundation/context.ts";
import { writeJsonDurable } from "../../../foundation/files/durable.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";
import { isKnownDead, isSameProcessAlive, ownIdentity } from "../../../foundation/files/process-identity.ts";
import { isHere } from "../../outbox/is-here.ts";
import type { Deliverer } from "../../outbox/needs.ts";
import { noteDelivered } from "../../outbox/note-attempt.ts";
import { getItem, pendingOfKind, putItem } from "../../outbox/store.ts";
import { getRun } from "../store.ts";
import { interrupted, tellOutcome } from "./close-run.ts";

const startingSchema = z.object({
  requestId: z.string(),
  experimentId: z.string(),
  trackingUri: z.string().optional(),
  /** ms since 1970; missing in files of earlier versions. */
  begunAt: z.number().default(0),
  process: processIdentity,
});
type Starting = z.output<typeof startingSchema>;

const startKind = "run-start";

/**
 * How long the remains of a killed start are kept for the next start of equal versions. Longer than any request, so a start of this process
 * is never mistaken for a dead one.
 */
const graceMs = 10 * 60_000;

const folderOf = (paths: ProjectPaths): string => path.join(paths.cache, "starting");

/**
 * Returns the request id for creating a run. It is kept in a file until the run has its folder. Otherwise a process killed between MLflow's
 * response and that moment would leave an unknown run. The next start of equal versions finds it by the same id. `finish` removes the file.
 */
export function beginStarting(
  paths: ProjectPaths,
  run: {
    readonly fingerprint: string;
    readonly experimentId: string;
    readonly trackingUri: string;
    readonly begunAt: number;
  },
): { readonly requestId: string; readonly finish: () => void } {
  const file = path.join(folderOf(paths), `${run.fingerprint.slice(0, 32)}.json`);
  const requestId = readStarting(file)?.requestId ?? crypto.randomUUID();
  const { fingerprint: _, ...server } = run;
  writeJsonDurable(file, { requestId, ...server, process: ownIdentity() } satisfies Starting);
  return { requestId, finish: () => rmSync(file, { force: true }) };
}

function readStarting(file: string): Starting | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return startingSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return undefined;
  }
}

/** Lists complete files; one that its writer hasn't renamed yet doesn't count. */
function startingFiles(paths: ProjectPaths): readonly string[] {
  const folder = folderOf(paths);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f]+\.json$/.test(name)) : [];
  return names.map((name) => path.join(folder, name));
}

/** Checks whether the process that starts the run may still create its folder. One of another container or host may for as long as it could need. */
function isAtWork({ process: owner, begunAt }: Starting, now: number): boolean {
  if (isSameProcessAlive(owner)) return owner.pid !== process.pid || begunAt + graceMs > now;
  return !isKnownDead(owner) && begunAt + graceMs > now;
}

/** Updates the outbox from the files of killed starts. The files are the record, and the rows say when to update MLflow. */
export function noteStarts(core: Pick<Core, "catalogue" | "clock" | "project">): void {
  const catalogue = core.catalogue();
  const { paths } = core.project();
  const now = core.clock.now().getTime();
  const known = new Set<string>();
  for (const file of startingFiles(paths)) {
    const starting = readStarting(file);
    if (starting === undefined) continue;
    known.add(starting.requestId);
    const key = { kind: startKind, subject: starting.requestId };
    if (isAtWork(starting, now) || getItem(catalogue, key)?.doneAt === null) continue;
    const times = { putAt: starting.begunAt, dueAt: starting.begunAt + graceMs };
    catalogue.write((writer) => putItem(writer, { ...key, payload: { file: path.basename(file) }, ...times }));
  }
  for (const item of pendingOfKind(catalogue, startKind)) if (!known.has(item.subject)) noteDelivered(core, item);
}

/**
 * Cleans up after killed starts that no start of equal versions has resumed. An empty run in MLflow that isn't in the project becomes FAILED;
 * if the run is in the project, its request id is removed, because the next run needs another one.
 */
export function startDeliverer(core: Pick<Core, "catalogue" | "clock" | "project">, tracking: Tracking): Deliverer {
  const { client } = tracking;
  return {
    kind: startKind,
    deliver: async ({ subject, payload }) => {
      const file = path.join(folderOf(core.project().paths), path.basename(String(payload.file)));
      const starting = readStarting(file);
      if (starting?.requestId !== subject) return "delivered";
      const endedAt = core.clock.now().getTime();
      if (isAtWork(starting, endedAt) || !isHere(tracking, starting.trackingUri)) return "waiting";
      for (const { runId, status } of await client.runsOfRequest(starting)) {
        if (status !== "RUNNING" || getRun(core.catalogue(), runId) !== undefined) continue;
        const error = encodeError(interrupted("start"));
        const outcome = { status: "FAILED", isResumable: false, endedAt, error } as const;
        await tellOutcome(client, runId, { outcome, stage: "start" });
      }
      rmSync(file, { force: true });
      return "delivered";
    },
  };
}
