import type { LedgerEntry } from "../../../contract/ledger.ts";
import type { Core } from "../../../foundation/context.ts";
import type { MlflowClient } from "../../../foundation/mlflow/client.ts";
import { isNotFound } from "../../../foundation/mlflow/http/answer-errors.ts";
import { furthestHead, ledgerHeadTag } from "../../ledger/known-head.ts";
import { noteDelivered, noteFailed } from "../../outbox/note-attempt.ts";
import { entryKind } from "./entry-item.ts";

/** A run in MLflow carries the ledger's head as it was when an entry about the run had been carried out. */

type Told = Pick<LedgerEntry, "index" | "hash"> & { readonly body: { readonly runId: string } };

/** Whether MLflow was told all that an entry says, or a later one on the same run. A server without that run has nothing to be told. */
export async function isTold(client: MlflowClient, { index, hash, body }: Told): Promise<boolean> {
  try {
    const { tags } = await client.getRun(body.runId);
    const head = furthestHead([tags[ledgerHeadTag]]);
    // Another entry of that number is of a ledger that was put back since.
    return head !== null && (head.entries > index || (head.entries === index && head.hash === hash));
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

/** Marks an entry as carried out at the server: the last step, and never back to an earlier one. */
async function tellHead(client: MlflowClient, entry: Told): Promise<void> {
  if (await isTold(client, entry)) return;
  await client.setTags(entry.body.runId, { [ledgerHeadTag]: `${entry.index}:${entry.hash}` });
}

/**
 * Does what an entry says, marks it at the server as carried out, and notes the attempt in the outbox: what fails is tried again by the next
 * command about this model.
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
