import type { Core, Offers } from "../../foundation/context.ts";

/** What evaluation is handed. */
export interface EvaluationCore extends Pick<Core, "catalogue"> {
  readonly runs: Pick<Offers["runs"], "results">;
}
