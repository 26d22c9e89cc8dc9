import type { LedgerHead } from "../../contract/ledger.ts";
import type { Core } from "../../foundation/context.ts";
import { projectIdTag } from "../../foundation/mlflow/project-tags.ts";
import { furthestHead, ledgerHeadTag } from "./head-tag.ts";

/**
 * Reads the furthest head from the tags of the project's experiments. Null if no server responds right now, or if it has no decision. Starts
 * no server and waits for none.
 */
export async function headInTracking(
  core: Pick<Core, "project" | "tracking">,
): Promise<{ readonly head: LedgerHead; readonly uri: string } | null> {
  try {
    const { client, uri } = await core.tracking({ isOnlyAsked: true });
    const experiments = await client.experimentsTagged(projectIdTag, core.project().config.id);
    const head = furthestHead(experiments.map(({ tags }) => tags[ledgerHeadTag]));
    return head === null ? null : { head, uri };
  } catch {
    return null;
  }
}
