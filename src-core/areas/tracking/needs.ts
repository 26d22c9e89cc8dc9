import type { Core, Offers } from "../../foundation/context.ts";

/** Dependencies of tracking. */
export interface TrackingCore
  extends Pick<Core, "catalogue" | "clock" | "env" | "project" | "python" | "tracking" | "trackingFlag"> {
  readonly runs: Pick<Offers["runs"], "planRun">;
}
