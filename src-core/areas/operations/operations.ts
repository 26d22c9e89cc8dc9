import { readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { nextStep } from "../../contract/build-step.ts";
import { cancelled, decodeError } from "../../contract/errors.ts";
import type { Progress } from "../../contract/operation.ts";
import type { OperationState } from "../../contract/operations.ts";
import type { Core } from "../../foundation/context.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import {
  getOperation,
  insertOperation,
  operationState,
  requestCancel,
  type StoredOperation,
} from "./operation-store.ts";
import { followProgress, progressFile } from "./progress-log.ts";
import { ensureSupervisor, type SupervisorProgram, supervisorFailed } from "./start-supervisor.ts";

export interface OperationRequest {
  readonly operation: string;
  readonly input: unknown;
  /** The supervisor to start if none is running; the product's own by default. */
  readonly supervisor?: SupervisorProgram;
}

/**
 * Queues a long operation and makes sure that a supervisor takes it. Returns its short id ("op12") at once.
 * @throws operations/supervisor-failed (the operation stays queued)
 */
export async function requestOperation(
  core: Pick<Core, "catalogue" | "clock" | "env" | "node" | "projectDir">,
  request: OperationRequest,
): Promise<string> {
  const id = insertOperation(core.catalogue(), {
    operation: request.operation,
    input: request.input,
    now: core.clock.now(),
    above: lastFolder(core.projectDir),
  });
  await ensureSupervisor(core, request.supervisor);
  return id;
}

/** Highest number among the folders of operations: a rebuilt catalogue must not write into an older one's. */
function lastFolder(projectDir: string): number {
  try {
    const names = readdirSync(projectPaths(projectDir).operations);
    return names.reduce((highest, name) => Math.max(highest, Number(/^op(\d+)$/.exec(name)?.[1] ?? 0)), 0);
  } catch {
    return 0;
  }
}

export function isOperationSettled(state: OperationState): boolean {
  return state !== "queued" && state !== "running";
}

export interface FollowOperation {
  /** Ends the following; the operation continues, unless `cancelOnAbort`. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** How much of the progress the follower has seen before it lost its connection: that is not told again. 0 by default. */
  readonly after?: number;
  /** For the face that started it: an abort cancels the operation and is followed until it has stopped. */
  readonly cancelOnAbort?: boolean;
  /** Nobody listens any more: ends the following, and nothing else. */
  readonly hangUp?: AbortSignal;
  readonly supervisor?: SupervisorProgram;
}

/**
 * Follows an operation from its beginning to its end and returns its output. If the supervisor dies meanwhile, starts the
 * next one, which resumes from the row.
 * @throws the operation's own error; internal/cancelled; operations/not-found; operations/supervisor-failed
 */
export async function followOperation(
  core: Pick<Core, "catalogue" | "clock" | "env" | "node" | "projectDir">,
  id: string,
  options: FollowOperation,
): Promise<unknown> {
  const settled = await awaitOperation(core, id, options);
  switch (settled.state) {
    case "succeeded":
      return settled.output;
    case "cancelled":
      throw cancelled(
        `Operation ${settled.id} was cancelled.`,
        settled.runId === null
          ? undefined
          : [nextStep("runs.resume", {}, "continues the run after its last finished stage")],
      );
    default:
      throw decodeError(settled.error);
  }
}

/** The same, but an operation that failed or was cancelled is returned as its row. */
export async function awaitOperation(
  core: Pick<Core, "catalogue" | "clock" | "env" | "node" | "projectDir">,
  id: string,
  options: FollowOperation,
): Promise<StoredOperation> {
  const { signal, hangUp, cancelOnAbort = false, after = 0 } = options;
  let told = 0;
  const onProgress = (progress: Progress) => {
    told += 1;
    if (told > after) options.onProgress(progress);
  };
  const { id: known } = getOperation(core.catalogue(), id);
  const stop = new AbortController();
  let refusal: unknown;
  const onHangUp = () => stop.abort();
  const onAbort = () => {
    if (!cancelOnAbort) return stop.abort();
    try {
      requestCancel(core.catalogue(), known, core.clock.now());
    } catch (error) {
      // Thrown from a listener it would end the process instead of this call.
      refusal = error;
      stop.abort();
    }
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  if (hangUp?.aborted) onHangUp();
  else hangUp?.addEventListener("abort", onHangUp, { once: true });
  const isOver = () => isOperationSettled(operationState(core.catalogue(), known));
  const guard = keepSupervised(core, { isOver, stop, supervisor: options.supervisor });
  // Awaited below, after the progress was read; until then its failure must not count as unhandled.
  guard.catch(() => undefined);
  try {
    await followProgress(progressFile(core.projectDir, known), { signal: stop.signal, until: isOver, onProgress });
    const row = getOperation(core.catalogue(), known);
    if (isOperationSettled(row.state)) return row;
    await guard;
    if (refusal !== undefined) throw refusal;
    throw cancelled(`Stopped following; operation ${known} continues.`, [
      nextStep("operations.follow", { id: known }, "returns to it"),
    ]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    hangUp?.removeEventListener("abort", onHangUp);
    stop.abort();
    await guard.catch(() => undefined);
  }
}

interface Guard {
  readonly isOver: () => boolean;
  readonly stop: AbortController;
  readonly supervisor: SupervisorProgram | undefined;
}

const guardMs = 300;
/** More than it takes to give up one operation as interrupted. */
const mostStarted = 12;

/** Makes sure that a supervisor runs while the operation is followed; ends the following if none can be started. */
async function keepSupervised(
  core: Pick<Core, "catalogue" | "env" | "node" | "projectDir">,
  { isOver, stop, supervisor }: Guard,
): Promise<void> {
  let started = 0;
  try {
    while (!stop.signal.aborted && !isOver()) {
      if (await ensureSupervisor(core, supervisor)) started += 1;
      if (started > mostStarted) throw supervisorFailed(core, "dies again and again");
      await pause(guardMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  } catch (error) {
    stop.abort();
    throw error;
  }
}

export interface CancelOperation {
  readonly signal?: AbortSignal;
  readonly supervisor?: SupervisorProgram;
}

/** Cancels an operation and returns once it has stopped; one that ended before stays as it was. @throws operations/not-found */
export async function cancelOperation(
  core: Pick<Core, "catalogue" | "clock" | "env" | "node" | "projectDir">,
  id: string,
  options: CancelOperation = {},
): Promise<StoredOperation> {
  const row = requestCancel(core.catalogue(), id, core.clock.now());
  if (isOperationSettled(row.state)) return row;
  const { signal = new AbortController().signal, supervisor } = options;
  const follow = { signal, onProgress: () => undefined };
  return await awaitOperation(core, row.id, supervisor === undefined ? follow : { ...follow, supervisor });
}
