import type { Core, RunsOffer } from "../../foundation/context.ts";

/** What evaluation is handed. */
export interface EvaluationCore extends Pick<Core, "catalogue"> {
  readonly runs: Pick<RunsOffer, "results">;
}
