import { setTimeout as pause } from "node:timers/promises";
import { encodeError, isCancelled } from "../../contract/errors.ts";
import type { OperationContext } from "../../contract/operation.ts";
import type { Core } from "../../foundation/context.ts";
import type { Caller } from "../../foundation/exec/caller/caller-environment.ts";
import { noteStart } from "./adopt-operations.ts";
import { asOperation } from "./current-operation.ts";
import type { HeldCredentials } from "./held-credentials.ts";
import { isCancelRequested, type Settlement, type StoredOperation, settleOperation } from "./operation-store.ts";
import { openProgressLog, progressFile } from "./progress-log.ts";
import type { QuestionBoard } from "./question-board.ts";

/** An operation as it is run: with its caller's name, settings and credentials, not with those of this process. */
export interface Task {
  readonly operation: string;
  readonly input: unknown;
  readonly caller: Caller;
  readonly credentials: Readonly<Record<string, string>>;
}

/** Runs an operation's implementation in this process. */
export type Execute = (task: Task, context: OperationContext) => Promise<unknown>;

const cancelPollMs = 150;

/** How an operation is run: what does it, who can answer its questions, and the credentials of its caller. */
export interface Running {
  readonly execute: Execute;
  readonly questions?: QuestionBoard | undefined;
  readonly credentials: Pick<HeldCredentials, "of">;
}

/** Runs one taken operation to its end and settles its row. Throws only where the catalogue itself fails. */
export async function runOperation(
  core: Pick<Core, "catalogue" | "clock" | "projectDir">,
  running: Running,
  row: StoredOperation,
): Promise<void> {
  const settlement = await outcomeOf(core, running, row);
  settleOperation(core.catalogue(), row.id, { ...settlement, now: core.clock.now() });
}

async function outcomeOf(
  core: Pick<Core, "catalogue" | "clock" | "projectDir">,
  { execute, questions, credentials }: Running,
  row: StoredOperation,
): Promise<Omit<Settlement, "now">> {
  const stop = new AbortController();
  const over = new AbortController();
  try {
    noteStart(core, row.id);
    const log = openProgressLog(progressFile(core.projectDir, row.id));
    const watching = watchCancel(core, { id: row.id, stop, over: over.signal });
    try {
      const context: OperationContext = {
        signal: stop.signal,
        report: log.write,
        ...(questions === undefined
          ? {}
          : { ask: (question) => questions.ask(row.id, question, { signal: stop.signal, report: log.write }) }),
      };
      const { operation, input, caller } = row;
      const task = { operation, input, caller, credentials: credentials.of(row) ?? {} };
      const output = await asOperation(row.id, () => execute(task, context));
      return { state: "succeeded", output: output ?? null };
    } finally {
      over.abort();
      await watching;
      log.close();
    }
  } catch (error) {
    if (isCancelled(error)) return { state: "cancelled" };
    return { state: "failed", error: encodeError(error) };
  }
}

interface Watch {
  readonly id: string;
  readonly stop: AbortController;
  readonly over: AbortSignal;
}

async function watchCancel(core: Pick<Core, "catalogue">, { id, stop, over }: Watch): Promise<void> {
  while (!over.aborted) {
    if (isCancelRequested(core.catalogue(), id)) {
      stop.abort();
      return;
    }
    await pause(cancelPollMs, undefined, { signal: over }).catch(() => undefined);
  }
}
