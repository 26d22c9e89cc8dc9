import type { Core, Offers, StageContext } from "../../foundation/context.ts";
import type { MeasureLatency, ReadPredictions, ScoredTest, ScoreModel } from "./gate/scored-tests.ts";

/** Dependencies of the decide stage. */
export interface DecideNeeds {
  /** Registers the model of the run once, and returns its version. */
  readonly register: (context: StageContext, tags: Readonly<Record<string, string>>) => Promise<string>;
  readonly scoreModel: ScoreModel;
  readonly measureLatency: MeasureLatency;
  readonly readPredictions: ReadPredictions;
  /** Finds the tests that a run of this project scored, from its record; undefined if that no longer exists. */
  readonly knownEvaluation: (context: StageContext, runId: string) => readonly ScoredTest[] | undefined;
  readonly referenceReads: (context: StageContext, sha256: string) => number;
  readonly recordReferenceRead: (
    context: StageContext,
    read: { readonly sha256: string; readonly purpose: string },
  ) => void;
}

/** Dependencies of promotion. */
export interface PromotionCore extends Pick<Core, "catalogue" | "clock" | "env" | "project" | "tracking"> {
  readonly ledger: Offers["ledger"];
  readonly ownership: Pick<Offers["ownership"], "check">;
  readonly runs: Pick<Offers["runs"], "find">;
}
