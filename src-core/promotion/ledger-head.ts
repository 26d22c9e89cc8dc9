import { furthestHead, ledgerHeadTag } from "../ledger/known-head.ts";
import { isNotFound } from "../mlflow/answer-errors.ts";
import type { MlflowClient } from "../mlflow/client.ts";

/** A run in MLflow carries the ledger's head as it was when an entry about the run had been carried out. */

interface Told {
  readonly ledgerIndex: number;
  readonly runId: string;
}

/** Whether MLflow was told all that an entry says, or a later one on the same run. A server without that run has nothing to be told. */
export async function isTold(client: MlflowClient, { ledgerIndex, runId }: Told): Promise<boolean> {
  try {
    const { tags } = await client.getRun(runId);
    return (furthestHead([tags[ledgerHeadTag]])?.entries ?? 0) >= ledgerIndex;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}

/** Marks an entry as carried out: the last step, and never back to an earlier one. */
export async function tellHead(
  client: MlflowClient,
  entry: { readonly index: number; readonly hash: string; readonly body: { readonly runId: string } },
): Promise<void> {
  const { runId } = entry.body;
  if (await isTold(client, { ledgerIndex: entry.index, runId })) return;
  await client.setTags(runId, { [ledgerHeadTag]: `${entry.index}:${entry.hash}` });
}
