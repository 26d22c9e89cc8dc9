import type { LedgerEntry } from "../../../contract/ledger.ts";
import type { Core } from "../../../foundation/context.ts";
import type { MlflowClient } from "../../../foundation/mlflow/client.ts";
import { isNotFound } from "../../../foundation/mlflow/http/answer-errors.ts";
import { furthestHead, headTagOf, ledgerActorTag, ledgerHeadTag } from "../../ledger/head-tag.ts";
import { noteDelivered, noteFailed } from "../../outbox/note-attempt.ts";
import { entryKind } from "./entry-item.ts";

/**
 * Tags with the head of the ledger, set when an entry about a run was carried out: of the MLflow run, for whether this entry was, and of its
 * experiment, for what another copy of the project must have.
 */

type Told = Pick<LedgerEntry, "index" | "hash"> & { readonly body: { readonly runId: string } };

/** Checks whether MLflow has an entry, or a later one about the same run. A server without that run needs nothing. */
export async function isTold(client: MlflowClient, { index, hash, body }: Told): Promise<boolean> {
  try {
    const { tags } = await client.getRun(body.runId);
    const head = furthestHead([tags[ledgerHeadTag]]);
    // Another entry with that number is from a ledger that was restored since.
    return head !== null && (head.entries > index || (head.entries === index && head.hash === hash));
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

/** Marks an entry as carried out on the server. The run's tag is the last step. Neither goes back to an earlier entry. */
async function tellHead(client: MlflowClient, entry: LedgerEntry): Promise<void> {
  if (await isTold(client, entry)) return;
  const { runId } = entry.body;
  const head = headTagOf({ entries: entry.index, hash: entry.hash });
  const { experimentId } = await client.getRun(runId);
  const { tags } = await client.getExperiment(experimentId);
  // An equal number with another hash stays: this copy of the project then finds that the other one was faster.
  if ((furthestHead([tags[ledgerHeadTag]])?.entries ?? 0) < entry.index)
    await client.setExperimentTags(experimentId, { [ledgerActorTag]: entry.actor, [ledgerHeadTag]: head });
  await client.setTags(runId, { [ledgerHeadTag]: head });
}

/**
 * Carries out an entry, marks it as such on the server, and records the attempt in the outbox. If it fails, the next command about this model
 * tries again.
 */
export async function carryOut(
  core: Pick<Core, "catalogue" | "clock">,
  { client, entry }: { readonly client: MlflowClient; readonly entry: LedgerEntry },
  work: () => Promise<void>,
): Promise<void> {
  const item = { kind: entryKind, subject: entry.hash };
  try {
    await work();
    await tellHead(client, entry);
  } catch (error) {
    noteFailed(core, item, error);
    throw error;
  }
  noteDelivered(core, item);
}
