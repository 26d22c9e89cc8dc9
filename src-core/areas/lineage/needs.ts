import type { Core, LedgerOffer, RunsOffer } from "../../foundation/context.ts";

/** What lineage is handed. */
export interface LineageCore extends Pick<Core, "catalogue" | "project"> {
  readonly ledger: Pick<LedgerOffer, "read">;
  readonly runs: Pick<RunsOffer, "results" | "planRun">;
}
