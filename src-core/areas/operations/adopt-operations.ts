import { readFileSync } from "node:fs";
import path from "node:path";
import { AppError, encodeError } from "../../contract/errors.ts";
import type { Core } from "../../foundation/context.ts";
import { appendDurable } from "../../foundation/files/durable.ts";
import type { SupervisorCore } from "./needs.ts";
import { requeueOperation, runningOperations, type StoredOperation, settleOperation } from "./operation-store.ts";
import { progressFile } from "./progress-log.ts";

/** An operation that was running when this many supervisors were killed isn't tried again: it may be what kills them. */
const mostStarts = 5;

function startsFile(core: Pick<Core, "projectDir">, id: string): string {
  return path.join(path.dirname(progressFile(core.projectDir, id)), "starts.jsonl");
}

function startsOf(core: Pick<Core, "projectDir">, id: string): number {
  try {
    return readFileSync(startsFile(core, id), "utf8").split("\n").filter(Boolean).length;
  } catch {
    return 0;
  }
}

/** Notes that this supervisor begins on the operation. */
export function noteStart(core: Pick<Core, "clock" | "projectDir">, id: string): void {
  const line = { pid: process.pid, time: core.clock.now().getTime() };
  appendDurable(startsFile(core, id), `${JSON.stringify(line)}\n`);
}

/**
 * Takes over from a dead supervisor, right after taking its lease: settles jobs that ended meanwhile, and queues what it left
 * running again, in its old place. The operations resume by themselves: a run continues after its last finished stage, a job that
 * lives is attached to. One with a cancel request is settled, and its jobs are stopped.
 */
export async function adoptOperations(core: SupervisorCore): Promise<void> {
  await core.jobs.settleDead();
  for (const row of runningOperations(core.catalogue())) await adopt(core, row);
}

/** In a copy of a project that is at work: what runs there goes on there, and isn't begun here as well. */
export function leaveToOriginal(core: Pick<Core, "catalogue" | "clock">): void {
  const catalogue = core.catalogue();
  for (const { id, operation } of runningOperations(catalogue)) {
    const error = new AppError({
      code: "operations/elsewhere",
      message: `Operation ${id} (${operation}) belongs to the project that this one was copied from, which is at work.`,
      hint: "Ask for it again to have it done here.",
      details: { id },
    });
    settleOperation(catalogue, id, { state: "interrupted", now: core.clock.now(), error: encodeError(error) });
  }
}

async function adopt(core: SupervisorCore, row: StoredOperation): Promise<void> {
  const now = core.clock.now();
  if (row.isCancelRequested) {
    if (row.runId !== null) await core.jobs.cancelOf(row.runId);
    settleOperation(core.catalogue(), row.id, { state: "cancelled", now });
    return;
  }
  const starts = startsOf(core, row.id);
  if (starts < mostStarts) {
    requeueOperation(core.catalogue(), row.id);
    return;
  }
  const error = new AppError({
    code: "operations/supervisor-failed",
    message: `Operation ${row.id} (${row.operation}) was interrupted ${starts} times: its supervisor died each time.`,
    hint: "See .signalbox/supervisor.log for what killed it (memory?), then ask for the operation again.",
    details: { id: row.id, starts },
  });
  settleOperation(core.catalogue(), row.id, { state: "interrupted", now, error: encodeError(error) });
}
