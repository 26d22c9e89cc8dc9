import type { Core, Offers } from "../../foundation/context.ts";

/** Dependencies of the ledger's operations. */
export interface LedgerCore extends Pick<Core, "catalogue" | "clock" | "env" | "project" | "projectDir" | "tracking"> {
  readonly configs: Pick<Offers["configs"], "frozenReferences">;
}
