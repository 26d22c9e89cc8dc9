import type { Core, RunsOffer } from "../../foundation/context.ts";

/** What tracking is handed. */
export interface TrackingCore
  extends Pick<Core, "catalogue" | "clock" | "env" | "project" | "python" | "tracking" | "trackingFlag"> {
  readonly runs: Pick<RunsOffer, "planRun">;
}
