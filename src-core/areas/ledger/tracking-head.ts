import type { LedgerHead } from "../../contract/ledger.ts";
import type { Core } from "../../foundation/context.ts";
import { furthestHead, ledgerHeadTag } from "./head-tag.ts";

/**
 * Reads the furthest head from the tags of MLflow's runs. Null if no server responds right now, or if it has no decision. Starts no server
 * and waits for none.
 */
export async function headInTracking(
  core: Pick<Core, "project" | "tracking">,
): Promise<{ readonly head: LedgerHead; readonly uri: string } | null> {
  try {
    const { client, uri } = await core.tracking({ isOnlyAsked: true });
    const { experiment: name, config } = core.project();
    const experiment = await client.findExperiment(name);
    if (experiment === undefined) return null;
    const all = await client.searchRuns({ experimentIds: [experiment.experimentId] });
    const runs = all.filter((run) => run.tags["signalbox.project"] === config.name);
    const head = furthestHead(runs.map((run) => run.tags[ledgerHeadTag]));
    return head === null ? null : { head, uri };
  } catch {
    return null;
  }
}
