import { toAppError } from "../../../contract/errors.ts";
import type { OperationContext } from "../../../contract/operation.ts";
import type { ServerNames } from "../../../foundation/context.ts";
import { isServerFailure } from "../../outbox/due.ts";
import type { RoutingCore } from "../needs.ts";

/**
 * Refuses the whole training where a name of one job is another project's, or another copy of the project has decided meanwhile. What is
 * wrong with the server is said by each job.
 * @throws projects/foreign, ledger/other-head
 */
export async function refuseOthersNames(
  core: Pick<RoutingCore, "ownership" | "project" | "tracking">,
  it: {
    readonly jobs: readonly ServerNames[];
    /** Whether to start no server for it. */
    readonly isOnlyAsked: boolean;
    readonly trackingUri?: string | undefined;
  },
  { signal }: OperationContext,
): Promise<void> {
  try {
    const tracking = await core.tracking({ signal, flag: it.trackingUri, isOnlyAsked: it.isOnlyAsked });
    await core.ownership.check(tracking, [{ experiment: core.project().experiment }, ...it.jobs]);
  } catch (error) {
    signal.throwIfAborted();
    if (!isServerFailure(toAppError(error).code)) throw error;
  }
}
