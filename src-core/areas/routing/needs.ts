import type { OperationContext } from "../../contract/operation.ts";
import type { PlanRun } from "../../contract/routing/plan-run.ts";
import type { SplitResult } from "../../contract/runs/stage-results.ts";
import type { RunReport } from "../../contract/runs.ts";
import type { Core, Offers } from "../../foundation/context.ts";
import type { SplitScope } from "../splits/split-context.ts";
import type { ViewRequest } from "../splits/split-views.ts";
import type { LoadedPolicy } from "./policy/routing-policy.ts";
import type { Target } from "./policy/targets.ts";

/** What a split is made from, but for where it is made. */
type AskedSplit = Omit<SplitScope, "place" | "node">;

/** Dependencies of routing. */
export interface RoutingCore
  extends Pick<Core, "catalogue" | "clock" | "env" | "place" | "project" | "projectDir" | "tracking"> {
  readonly configs: Pick<Offers["configs"], "resolve">;
  readonly operations: Pick<Offers["operations"], "working">;
  readonly ownership: Pick<Offers["ownership"], "check" | "claimExperiment">;
  readonly runs: Pick<Offers["runs"], "finishedJob" | "gitCommit" | "settle">;
  readonly splits: Pick<Offers["splits"], "masterSha256">;
}

/** What wiring composes of several areas for routing. */
export interface RoutingNeeds {
  /** The split as the project describes it, made if it doesn't exist. */
  readonly sharedSplit: (context: AskedSplit) => Promise<SplitResult>;
  readonly splitView: (context: AskedSplit, shared: SplitResult, request: ViewRequest) => Promise<SplitResult>;
  /** @throws routing/no-targets, configs/* */
  readonly targets: () => readonly Target[];
  /** @throws configs/* */
  readonly policy: () => LoadedPolicy;
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
}
