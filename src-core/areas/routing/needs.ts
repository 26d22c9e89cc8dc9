import type { OperationContext } from "../../contract/operation.ts";
import type { PlanRun } from "../../contract/routing/plan-run.ts";
import type { SplitResult } from "../../contract/runs/stage-results.ts";
import type { RunReport } from "../../contract/runs.ts";
import type { ConfigsOffer } from "../../foundation/context.ts";
import type { FinishedJob } from "../runs/record/finished-job.ts";
import type { SplitScope } from "../splits/split-context.ts";
import type { ViewRequest } from "../splits/split-views.ts";
import type { LoadedPolicy } from "./policy/routing-policy.ts";
import type { Target } from "./policy/targets.ts";

/** What a split is made from, but for where it is made. */
type AskedSplit = Omit<SplitScope, "place" | "node">;

/** What routing needs of other areas. */
export interface RoutingNeeds {
  readonly resolveConfigs: ConfigsOffer["resolve"];
  /** When the long operation that is running, if any, was requested; ms since 1970. */
  readonly askedAt: () => number | undefined;
  /** The split as the project describes it, made if it doesn't exist. */
  readonly sharedSplit: (context: AskedSplit) => Promise<SplitResult>;
  readonly splitView: (context: AskedSplit, shared: SplitResult, request: ViewRequest) => Promise<SplitResult>;
  /** @throws routing/no-targets, configs/* */
  readonly targets: () => readonly Target[];
  /** @throws configs/* */
  readonly policy: () => LoadedPolicy;
  /** sha256 of the master table's files. @throws splits/master-missing */
  readonly masterSha256: () => Promise<string>;
  /** The finished run that executed a job on the same data, newest first; undefined if there is none. */
  readonly finishedRun: (jobId: string, dataHash: string) => FinishedJob | undefined;
  /** Executes a job as a pipeline run, unless an equal run finished it after `since`. */
  readonly executePlanRun: (
    request: {
      readonly planRun: PlanRun;
      readonly promote: boolean;
      readonly since: number;
      readonly trackingUri?: string | undefined;
    },
    context: OperationContext,
  ) => Promise<{ readonly report: RunReport; readonly isReused: boolean }>;
  /** Closes runs whose process ended without closing them. */
  readonly settleRuns: () => void;
  /** The project's commit, with `-dirty` if files differ; null outside git. */
  readonly gitCommit: () => Promise<string | null>;
}
