import { setTimeout as pause } from "node:timers/promises";
import { nextStep } from "../../contract/build-step.ts";
import { AppError, toAppError } from "../../contract/errors.ts";
import type { Core } from "../../foundation/context.ts";
import { credentialsOf, type Variables } from "../../foundation/exec/caller/caller-environment.ts";
import { areCredentialsOf, type CredentialsDigest } from "../../foundation/exec/caller/credentials-digest.ts";
import type { OpenLine, SupervisorLine } from "./needs.ts";
import { ensureSupervisor, type SupervisorProgram } from "./start-supervisor.ts";

/** How a caller's credentials reach the supervisor's memory: over its socket, before the operation begins and again after a supervisor ended. */

/** How a face reaches the supervisor. */
export interface Reach {
  readonly openLine: OpenLine;
  readonly supervisor?: SupervisorProgram | undefined;
}

type Supervised = Pick<Core, "catalogue" | "env" | "node" | "projectDir">;
type Values = Readonly<Record<string, string>>;

/** A supervisor listens a moment after it has the project's lock, and one that is about to end no longer. */
const reachMs = 3000;
const mostGiven = 5;

/**
 * Connects to the project's supervisor, which is started if none works.
 * @throws operations/supervisor-unreachable where it runs out of reach, in words for a caller whose credentials must reach it
 */
export async function reachSupervisor(
  core: Supervised,
  { openLine, supervisor }: Reach,
  credentials: Values,
): Promise<SupervisorLine> {
  for (const deadline = performance.now() + reachMs; ; await pause(50)) {
    await ensureSupervisor(core, supervisor);
    try {
      return await openLine();
    } catch (error) {
      if (performance.now() > deadline) throw outOfReach(core, credentials, error);
    }
  }
}

function outOfReach(core: Supervised, credentials: Values, error: unknown): AppError {
  const names = Object.keys(credentials);
  return new AppError({
    code: "operations/supervisor-unreachable",
    message: `${toAppError(error).message} It can't be given the credentials of this call (${names.join(", ")}), so nothing was queued.`,
    hint: "Call as the user and in the container that it belongs to, or wait until it has ended. If the operation needs no credentials, call without them.",
    details: { projectDir: core.projectDir, variables: names },
    cause: error,
  });
}

/** Gives a queued operation's credentials, over another connection where the supervisor ended meanwhile. Closes the line. */
export async function giveCredentials(
  core: Supervised,
  reach: Reach,
  it: { readonly line: SupervisorLine; readonly id: string; readonly credentials: Values },
): Promise<void> {
  let { line } = it;
  for (let given = 1; ; given += 1) {
    try {
      return await line.give(it.id, it.credentials);
    } catch (error) {
      if (toAppError(error).code !== "rpc/closed" || given === mostGiven) throw error;
    } finally {
      line.close();
    }
    line = await reachSupervisor(core, reach, it.credentials);
  }
}

/** Recognises whether a follower's own credentials are those that an operation was started with; slow once, so it remembers. */
export function ownHands(env: Variables): { readonly fit: (wanted: CredentialsDigest) => Promise<Values | undefined> } {
  const credentials = credentialsOf(env);
  const known = new Map<string, boolean>();
  return {
    fit: async (wanted) => {
      if (Object.keys(credentials).length === 0) return undefined;
      const isKnown = known.get(wanted.salt) ?? (await areCredentialsOf(wanted, credentials));
      known.set(wanted.salt, isKnown);
      return isKnown ? credentials : undefined;
    },
  };
}

/** What one who follows an operation is told where it waits for credentials that aren't theirs. */
export function needsCredentials(id: string, env: Variables): AppError {
  const names = Object.keys(credentialsOf(env));
  const reason =
    names.length === 0
      ? "None are set here."
      : `Those set here (${names.join(", ")}) are not those it was started with.`;
  return new AppError({
    code: "operations/needs-credentials",
    message: `Operation ${id} needs credentials: no process has those that it was started with any more. ${reason}`,
    hint: "Follow it where they are set, as its caller did: it then continues. Or cancel it, and request it again with your own.",
    next: [
      nextStep("operations.follow", { id }, "hands over the credentials that are set there"),
      nextStep("operations.cancel", { id }, "gives it up"),
    ],
    details: { id, variables: names },
  });
}
