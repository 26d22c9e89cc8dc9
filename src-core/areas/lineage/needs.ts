import type { Core, LedgerOffer, RunsOffer } from "../../foundation/context.ts";

/** Dependencies of lineage. */
export interface LineageCore extends Pick<Core, "catalogue" | "project"> {
  readonly ledger: Pick<LedgerOffer, "read">;
  readonly runs: Pick<RunsOffer, "results" | "planRun">;
}
