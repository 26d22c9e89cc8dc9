import { readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { nextStep } from "../../contract/build-step.ts";
import { cancelled, decodeError } from "../../contract/errors.ts";
import type { Progress } from "../../contract/operation.ts";
import type { OperationState } from "../../contract/operations.ts";
import type { Core } from "../../foundation/context.ts";
import { callerOf, credentialsOf } from "../../foundation/exec/caller/caller-environment.ts";
import { digestCredentials } from "../../foundation/exec/caller/credentials-digest.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import { giveCredentials, needsCredentials, ownHands, type Reach, reachSupervisor } from "./hand-over.ts";
import type { OpenLine } from "./needs.ts";
import {
  getOperation,
  insertOperation,
  operationState,
  requestCancel,
  type StoredOperation,
  wantedCredentials,
} from "./operation-store.ts";
import { followProgress, progressFile } from "./progress-log.ts";
import { ensureSupervisor, isSupervised, type SupervisorProgram, supervisorFailed } from "./start-supervisor.ts";

type SupervisedCore = Pick<Core, "catalogue" | "clock" | "env" | "node" | "projectDir">;

/** The supervisor to start if none is running is the product's own by default. */
export interface OperationRequest extends Reach {
  readonly operation: string;
  readonly input: unknown;
}

/**
 * Queues a long operation of the caller whose environment the core has, and makes sure that a supervisor takes it: one with credentials
 * when it has them. Returns its short id ("op12").
 * @throws operations/supervisor-failed (the operation stays queued); operations/supervisor-unreachable where it can't be given the
 *   caller's credentials (nothing is queued then)
 */
export async function requestOperation(core: SupervisedCore, request: OperationRequest): Promise<string> {
  const credentials = credentialsOf(core.env);
  if (Object.keys(credentials).length > 0) return await requestWithCredentials(core, request, credentials);
  const id = insertOperation(core.catalogue(), rowOf(core, request));
  await ensureSupervisor(core, request.supervisor);
  return id;
}

async function requestWithCredentials(
  core: SupervisedCore,
  request: OperationRequest,
  credentials: Readonly<Record<string, string>>,
): Promise<string> {
  const digest = await digestCredentials(credentials);
  const line = await reachSupervisor(core, request, credentials);
  const id = insertOperation(core.catalogue(), { ...rowOf(core, request), credentials: digest });
  try {
    await giveCredentials(core, request, { line, id, credentials });
  } catch (error) {
    requestCancel(core.catalogue(), id, core.clock.now());
    throw error;
  }
  return id;
}

function rowOf(core: SupervisedCore, { operation, input }: OperationRequest) {
  const caller = callerOf(core.env);
  return { operation, input, caller, now: core.clock.now(), above: lastFolder(core.projectDir) };
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
  readonly supervisor?: SupervisorProgram | undefined;
  /** How this face's credentials reach the supervisor where the operation needs them; without it they don't. */
  readonly openLine?: OpenLine | undefined;
}

/**
 * Follows an operation from its beginning to its end and returns its output. If the supervisor dies meanwhile, starts the
 * next one, which resumes from the row, and gives it the credentials that the operation was started with if this face has them.
 * @throws the operation's own error; internal/cancelled; operations/not-found; operations/supervisor-failed; operations/needs-credentials
 *   where it waits for credentials of another caller already
 */
export async function followOperation(core: SupervisedCore, id: string, options: FollowOperation): Promise<unknown> {
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
  core: SupervisedCore,
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
  const guard = keepSupervised(core, { ...options, id: known, isOver, stop });
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

interface Guard extends Pick<FollowOperation, "supervisor" | "openLine"> {
  readonly id: string;
  readonly isOver: () => boolean;
  readonly stop: AbortController;
}

const guardMs = 300;
/** More than it takes to give up one operation as interrupted. */
const mostStarted = 12;
/** Another face that follows may be about to give them. */
const patienceMs = 2000;
/** Within this time a supervisor that was started has looked at what the one before left. */
const adoptedMs = 10_000;

/**
 * Makes sure that a supervisor runs while the operation is followed, and that it has the operation's credentials if they are this face's.
 * Ends the following if none can be started, and that of one who came to an operation which waits for the credentials of another.
 */
async function keepSupervised(core: SupervisedCore, guard: Guard): Promise<void> {
  const { id, isOver, stop, openLine, supervisor } = guard;
  const hands = ownHands(core.env);
  const begun = performance.now();
  // Where none lives, the next supervisor is the first to notice that an operation that was running has lost its credentials.
  const wasSupervised = isSupervised(core);
  let hasWorked = false;
  let started = 0;
  try {
    while (!stop.signal.aborted && !isOver()) {
      const wanted = wantedCredentials(core.catalogue(), id);
      const credentials = wanted === undefined ? undefined : await hands.fit(wanted);
      if (wanted === undefined || credentials !== undefined) {
        hasWorked ||= wasSupervised || credentials !== undefined || performance.now() - begun > adoptedMs;
        if (await ensureSupervisor(core, supervisor)) started += 1;
        if (started > mostStarted) throw supervisorFailed(core, "dies again and again");
        if (credentials !== undefined && openLine !== undefined)
          await offerCredentials(core, { openLine, supervisor }, { id, credentials });
      } else if (!hasWorked && performance.now() - begun > patienceMs) throw needsCredentials(id, core.env);
      await pause(guardMs, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  } catch (error) {
    stop.abort();
    throw error;
  }
}

/** Where it fails, the next look tries again: the supervisor may have ended, or be another user's that ends when idle. */
async function offerCredentials(
  core: SupervisedCore,
  reach: Reach,
  it: { readonly id: string; readonly credentials: Readonly<Record<string, string>> },
): Promise<void> {
  try {
    await giveCredentials(core, reach, { line: await reach.openLine(), ...it });
  } catch {
    // It is still noted as waiting.
  }
}

export interface CancelOperation {
  readonly signal?: AbortSignal;
  readonly supervisor?: SupervisorProgram;
}

/** Cancels an operation and returns once it has stopped; one that ended before stays as it was. @throws operations/not-found */
export async function cancelOperation(
  core: SupervisedCore,
  id: string,
  options: CancelOperation = {},
): Promise<StoredOperation> {
  const row = requestCancel(core.catalogue(), id, core.clock.now());
  if (isOperationSettled(row.state)) return row;
  const { signal = new AbortController().signal, supervisor } = options;
  const follow = { signal, onProgress: () => undefined };
  return await awaitOperation(core, row.id, supervisor === undefined ? follow : { ...follow, supervisor });
}
