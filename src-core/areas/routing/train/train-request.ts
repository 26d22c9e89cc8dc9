import type { TrainingPlan } from "../../../contract/routing/routing-plans.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import type { PreparedViews } from "../assess/prepare-views.ts";
import type { JobFilter } from "./job-filter.ts";

/** What to train of a plan, and how. */
export interface TrainRequest {
  readonly plan: TrainingPlan;
  readonly filter: JobFilter;
  readonly atOnce?: number | undefined;
  readonly isFresh: boolean;
  readonly promote: boolean;
  readonly isDryRun: boolean;
  readonly trackingUri?: string | undefined;
  /** Makes the views of the plan's targets, unless a preceding assessment has. Not called by a dry run. */
  readonly views: () => Promise<PreparedViews>;
}

/** Digest of the data that a run of the plan is trained on. */
export function dataHashOf({ metadata }: TrainingPlan): string {
  const { dataset_hash, split_hash } = metadata;
  return sha256(JSON.stringify({ dataset_hash, split_hash }));
}
