import type { Core, Offers } from "../../foundation/context.ts";

/** Dependencies of lineage. */
export interface LineageCore extends Pick<Core, "catalogue" | "project"> {
  readonly ledger: Pick<Offers["ledger"], "read">;
  readonly runs: Pick<Offers["runs"], "results" | "planRun">;
}
