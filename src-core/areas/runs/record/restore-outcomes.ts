import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import type { CatalogueWriter } from "../../../foundation/catalogue/open.ts";
import { putIfMissing } from "../../outbox/store.ts";
import { getRun } from "../store.ts";
import { outcomeItem } from "./outcome-item.ts";
import { isAbandoned } from "./owner.ts";

/** Puts the outcomes that MLflow may not know, by the owner files that ended runs still have; rows that are there stay as they are. */
export function restoreOutcomes(writer: CatalogueWriter, runs: string): void {
  for (const runId of existsSync(runs) ? readdirSync(runs) : []) {
    if (!isAbandoned(path.join(runs, runId))) continue;
    const run = getRun(writer, runId);
    if (run === undefined || run.status === "RUNNING") continue;
    putIfMissing(writer, outcomeItem(runId, run.endedAt ?? run.startedAt));
  }
}
