import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { encodeError } from "../../../contract/errors.ts";
import { processIdentity } from "../../../contract/schema-parts.ts";
import type { Core, Tracking } from "../../../foundation/context.ts";
import { writeJsonDurable } from "../../../foundation/files/durable.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";
import { isSameProcessAlive, ownIdentity } from "../../../foundation/files/process-identity.ts";
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
  /** ms since 1970; files of earlier versions have none. */
  begunAt: z.number().default(0),
  process: processIdentity,
});
type Starting = z.output<typeof startingSchema>;

const startKind = "run-start";

/**
 * How long what a killed start left is not touched: the next start of equal versions takes it up. Longer than any request, so that a start
 * of this very process isn't taken for a dead one's.
 */
const graceMs = 10 * 60_000;

const folderOf = (paths: ProjectPaths): string => path.join(paths.cache, "starting");

/**
 * The request id under which a run is created. Kept in a file until the run has its folder: a process killed between MLflow's answer and
 * that moment would otherwise leave a run nobody knows; the next start of equal versions finds it by the same id. `finish` removes the file;
 * `leave` ends the start, however it ended.
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

/** Files only: what a writer has not renamed yet is no record. */
function startingFiles(paths: ProjectPaths): readonly string[] {
  const folder = folderOf(paths);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f]+\.json$/.test(name)) : [];
  return names.map((name) => path.join(folder, name));
}

/** True while the process that starts the run may still come to its folder. */
function isAtWork({ process: owner, begunAt }: Starting, now: number): boolean {
  return isSameProcessAlive(owner) && (owner.pid !== process.pid || begunAt + graceMs > now);
}

/** Brings the outbox in line with what killed starts left: their files are the record, the rows say when MLflow hears of it. */
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
 * Ends what killed starts left and no start of equal versions took up: an empty run of MLflow that the project doesn't know becomes FAILED
 * there; the request id of one that it does know is forgotten, for the next run needs another.
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
