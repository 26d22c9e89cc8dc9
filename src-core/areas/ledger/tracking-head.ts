import type { LedgerHead } from "../../contract/ledger.ts";
import type { Core } from "../../foundation/context.ts";
import { furthestHead, ledgerHeadTag } from "./known-head.ts";

/**
 * The furthest head that the tags of MLflow's runs remember; null where no server answers right now (none is started, none is waited for),
 * or it knows of no decision.
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
