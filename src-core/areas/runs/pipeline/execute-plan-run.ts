import type { OperationContext } from "../../../contract/operation.ts";
import type { PlanRun } from "../../../contract/routing/plan-run.ts";
import type { RunReport } from "../../../contract/runs.ts";
import type { Hold } from "../../../foundation/exec/named-locks.ts";
import type { PipelineStages, RunsCore } from "../needs.ts";
import { reportOf } from "../show/run-report.ts";
import { newestRun, resumableRun } from "../store.ts";
import { isOver } from "./begun-run.ts";
import { PipelineOperations } from "./pipeline-operations.ts";
import { resolveRequest } from "./request.ts";
import { withRunLocks } from "./run-locks.ts";

export interface PlanRunRequest {
  readonly planRun: PlanRun;
  readonly promote: boolean;
  readonly trackingUri?: string | undefined;
  /** Ignores runs that ended before this time (ms since 1970), so the job is trained again. */
  readonly since: number;
}

export interface ExecutedPlanRun {
  readonly report: RunReport;
  /** Whether an equal run had already finished. */
  readonly isReused: boolean;
}

/** Executes a job of a plan as a pipeline run. Reuses an equal finished run, and resumes an equal one that stopped. */
export async function executePlanRun(
  { core, stages }: { readonly core: RunsCore; readonly stages: PipelineStages },
  request: PlanRunRequest,
  context: OperationContext,
): Promise<ExecutedPlanRun> {
  const asked = { set: {}, planRun: request.planRun };
  const { fingerprint, versions } = await resolveRequest(core, asked);
  const locked = { fingerprint, splitVersion: versions.split_version, context };
  return await withRunLocks(core, locked, (hold) =>
    executeLocked({ core, stages, hold }, { ...request, fingerprint }, context),
  );
}

async function executeLocked(
  { core, stages, hold }: { readonly core: RunsCore; readonly stages: PipelineStages; readonly hold: Hold },
  request: PlanRunRequest & { readonly fingerprint: string },
  context: OperationContext,
): Promise<ExecutedPlanRun> {
  const { fingerprint } = request;
  const newest = newestRun(core.catalogue(), fingerprint);
  if (newest !== undefined && isOver(newest) && newest.startedAt >= request.since)
    return { report: await reportOf(core, newest), isReused: true };
  const stopped = resumableRun(core.catalogue(), fingerprint);
  const report = await new PipelineOperations(core, stages).run(
    stopped === undefined || stopped.startedAt < request.since ? undefined : stopped,
    {
      asked: { set: {}, planRun: request.planRun },
      promote: request.promote,
      push: false,
      trackingUri: request.trackingUri,
      isOneOfMany: true,
      hold,
    },
    context,
  );
  return { report, isReused: false };
}
