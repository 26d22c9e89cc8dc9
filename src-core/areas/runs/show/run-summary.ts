import path from "node:path";
import { versionFields } from "../../../contract/configs/config-kinds.ts";
import type { RunSummary } from "../../../contract/runs.ts";
import type { CatalogueReader } from "../../../foundation/catalogue/open.ts";
import { decisionsOf } from "../../promotion/store.ts";
import type { RunsCore } from "../needs.ts";
import { experimentParam, readPlanSymbol } from "../record/plan-run-overlay.ts";
import { readRun } from "../record/record.ts";
import { lastMetrics, type RunRow } from "../store.ts";

/** Summarises a run for lists, with the primary metric of its gate. */
export function summaryOf(core: Pick<RunsCore, "catalogue" | "configs" | "project">, run: RunRow): RunSummary {
  const plan = planOf(run);
  const gate = plan === null ? undefined : readRun(path.join(core.project().paths.runs, run.runId))?.planRun?.promotion;
  const primaryMetric = core.configs.primaryMetric(gate);
  return {
    runId: run.runId,
    number: run.number,
    status: run.status,
    isResumable: run.isResumable && !wasDecidedElsewhere(core.catalogue(), run),
    stage: run.stage,
    verdict: run.verdict,
    ...versionFields(run.versions),
    startedAt: run.startedAt,
    endedAt: run.endedAt,
    primary:
      primaryMetric === undefined
        ? null
        : { metric: primaryMetric, value: lastMetrics(core.catalogue(), run.runId)[primaryMetric] ?? null },
    plan,
  };
}

/** An entry of another copy of the project decides a run that is unfinished here. This copy's own is written in the stage that decides. */
function wasDecidedElsewhere(catalogue: CatalogueReader, { runId, isResumable, stage }: RunRow): boolean {
  return isResumable && stage !== "decide" && decisionsOf(catalogue, runId).length > 0;
}

/** Reads the executed job from the parameters of a run. */
function planOf({ params }: RunRow): RunSummary["plan"] {
  const { job_id: jobId, plan_target: target, plan_symbol: symbol, training_type: trainingType } = params;
  if (jobId === undefined || target === undefined || trainingType === undefined) return null;
  return {
    ...{ jobId, target, symbol: readPlanSymbol(symbol), trainingType },
    stage: Number(params.plan_stage ?? 1),
    isExperiment: params[experimentParam] === "true",
  };
}
