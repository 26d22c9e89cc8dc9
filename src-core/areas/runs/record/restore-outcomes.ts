import path from "node:path";
import type { CatalogueWriter } from "../../../foundation/catalogue/open.ts";
import { restoreItem } from "../../outbox/store.ts";
import { endedRuns } from "../store.ts";
import { outcomeItem } from "./outcome-item.ts";
import { isAbandoned } from "./owner.ts";

/**
 * Restores missing outbox rows of ended runs. If the owner file of a run still exists, its outcome may not have reached MLflow; the other
 * outcomes have.
 * @param runs folder of the runs' folders
 */
export function restoreOutcomes(writer: CatalogueWriter, runs: string): void {
  for (const { runId, endedAt } of endedRuns(writer))
    restoreItem(writer, outcomeItem(runId, endedAt), isAbandoned(path.join(runs, runId)) ? null : endedAt);
}
