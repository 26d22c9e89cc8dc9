import path from "node:path";
import type { CatalogueWriter } from "../../../foundation/catalogue/open.ts";
import { restoreItem } from "../../outbox/store.ts";
import { endedRuns } from "../store.ts";
import { outcomeItem } from "./outcome-item.ts";
import { isAbandoned } from "./owner.ts";

/**
 * Puts the rows of ended runs that the outbox lacks: MLflow may not know the outcome of one whose owner file is still there, and knows the
 * others'.
 * @param runs folder of the runs' folders
 */
export function restoreOutcomes(writer: CatalogueWriter, runs: string): void {
  for (const { runId, endedAt } of endedRuns(writer))
    restoreItem(writer, outcomeItem(runId, endedAt), isAbandoned(path.join(runs, runId)) ? null : endedAt);
}
