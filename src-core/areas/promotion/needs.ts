import type { Core, LedgerOffer, RunsOffer, StageContext } from "../../foundation/context.ts";
import type { MeasureLatency, ReadPredictions, ScoredTest, ScoreModel } from "./gate/scored-tests.ts";

/** What the decide stage needs of other areas. */
export interface DecideNeeds {
  /** Registers the run's model, once, and returns its version. */
  readonly register: (context: StageContext, tags: Readonly<Record<string, string>>) => Promise<string>;
  readonly scoreModel: ScoreModel;
  readonly measureLatency: MeasureLatency;
  readonly readPredictions: ReadPredictions;
  /** The tests a run of this project scored, from its own record; undefined where that is gone. */
  readonly knownEvaluation: (context: StageContext, runId: string) => readonly ScoredTest[] | undefined;
  readonly referenceReads: (context: StageContext, sha256: string) => number;
  readonly recordReferenceRead: (
    context: StageContext,
    read: { readonly sha256: string; readonly purpose: string },
  ) => void;
}

/** What promotion is handed. */
export interface PromotionCore extends Pick<Core, "catalogue" | "clock" | "env" | "project" | "tracking"> {
  readonly ledger: LedgerOffer;
  readonly runs: Pick<RunsOffer, "find">;
}
