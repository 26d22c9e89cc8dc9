import type { Core, Offers } from "../../foundation/context.ts";

/** Dependencies of tracking. */
export interface TrackingCore
  extends Pick<Core, "catalogue" | "clock" | "env" | "project" | "python" | "tracking" | "trackingFlag"> {
  readonly ownership: Pick<Offers["ownership"], "checkRun" | "claimModel">;
  readonly runs: Pick<Offers["runs"], "planRun">;
}

/** Dependencies of deciding whose names on a server are. */
export interface OwnershipCore extends Pick<Core, "env" | "project"> {
  readonly ledger: Pick<Offers["ledger"], "checkServer" | "read">;
}
