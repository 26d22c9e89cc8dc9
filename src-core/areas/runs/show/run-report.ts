import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import { commandLines, type FindForm, hintText } from "../../../contract/command-text.ts";
import type { NextStep } from "../../../contract/next-step.ts";
import {
  type ResultName,
  type StageName,
  type StageResults,
  stageNames,
} from "../../../contract/runs/stage-results.ts";
import type { RunReport } from "../../../contract/runs.ts";
import type { RunsCore } from "../needs.ts";
import { readResults, readRun } from "../record/record.ts";
import { describeStage } from "../stages/pipelines.ts";
import { type RunRow, type StageRow, stagesOf } from "../store.ts";
import { summaryOf } from "./run-summary.ts";
import { testMetrics } from "./test-metrics.ts";

/** Builds the report of a run from its row and the results in its folder. Queries no server. */
export async function reportOf(
  core: Pick<RunsCore, "catalogue" | "configs" | "project">,
  run: RunRow,
): Promise<RunReport> {
  // Imported late, because it loads the declarations of every area.
  const { declaredForm } = await import("../../../contract/declared-forms.ts");
  const { paths } = core.project();
  const runDir = path.join(paths.runs, run.runId);
  const results = readResults(runDir);
  const record = readRun(runDir);
  const actions = nextActions(run, results);
  return {
    run: summaryOf(core, run),
    experiment: run.experiment,
    stages: stageStates(run, stagesOf(core.catalogue(), run.runId), results),
    sides: sidesOf(results),
    positiveClass: positiveClassOf(run, results),
    metrics: metricsOf(results),
    decision: results.decide ?? null,
    versioned: versionedOf(results),
    mlflowUrl:
      record === undefined ? null : `${record.trackingUri}/#/experiments/${record.experimentId}/runs/${run.runId}`,
    trackingUri: record?.trackingUri ?? null,
    runFolder: path.relative(paths.root, runDir),
    error: run.error === null ? null : errorOf(run.error, declaredForm),
    params: { ...run.params },
    warnings: [...(results.split?.warnings ?? [])],
    actions,
    nextSteps: [...commandLines(actions, declaredForm)],
  };
}

/** The hint contains the steps in words. */
function errorOf(error: NonNullable<RunRow["error"]>, find: FindForm): NonNullable<RunReport["error"]> {
  const { code, message, next = [] } = error;
  return { code, message, hint: hintText(error, find), next: [...next] };
}

function stageStates(run: RunRow, rows: readonly StageRow[], results: Partial<StageResults>): RunReport["stages"] {
  return stageNames.map((stage) => {
    if (stage === "resolve" || stage === "start")
      return { stage, state: "finished" as const, seconds: null, note: null };
    const row = rows.find((it) => it.stage === stage);
    const note = noteOf(stage, results);
    if (row === undefined)
      return { stage, state: note === null ? ("to do" as const) : ("finished" as const), seconds: null, note };
    const isStopped = row.state === "running" && run.status !== "RUNNING";
    return {
      stage,
      state: isStopped ? ("failed" as const) : row.state,
      seconds: row.endedAt === null ? null : (row.endedAt - row.startedAt) / 1_000,
      note,
    };
  });
}

function noteOf(stage: Exclude<StageName, "resolve" | "start">, results: Partial<StageResults>): string | null {
  const describe = <Name extends ResultName>(name: Name): string | null => {
    const result = results[name];
    return result === undefined ? null : describeStage<Name>(name, result as StageResults[Name]);
  };
  return describe(stage);
}

function sidesOf({ split }: Partial<StageResults>): RunReport["sides"] {
  if (split === undefined) return [];
  const side = (name: string, it: StageResults["split"]["train"]) => ({
    name,
    path: it.path,
    rows: it.rows,
    sha256: it.sha256,
    rowDigest: it.rowDigest,
  });
  return [
    side("train", split.train),
    side("reference", split.reference),
    ...split.optional.map((it) => side(it.name, it)),
  ];
}

function metricsOf({ evaluate }: Partial<StageResults>): RunReport["metrics"] {
  return (evaluate?.sets ?? []).flatMap(testMetrics);
}

/** As the model was measured; before that, as it was named. */
function positiveClassOf({ params }: RunRow, { evaluate }: Partial<StageResults>): string | null {
  if (params.task !== "binary") return null;
  const named = params.positive_class === "default" ? undefined : params.positive_class;
  return evaluate?.sets[0]?.classes[1] ?? named ?? null;
}

function versionedOf({ version }: Partial<StageResults>): RunReport["versioned"] {
  if (version === undefined) return [];
  return [...version.master, version.split, version.reference].map(({ path: file, hash }) => ({ path: file, hash }));
}

function nextActions({ runId, status }: RunRow, results: Partial<StageResults>): NextStep[] {
  if (status !== "FINISHED")
    return [
      nextStep("runs.resume", { run: runId }, "continues after the last finished stage"),
      nextStep("runs.logs", { run: runId }, "shows the output of its jobs"),
      nextStep("environment.check", {}, "checks the machine and the project"),
    ];
  const verdict = results.decide?.gate.verdict;
  return [
    verdict === "PROMOTE"
      ? nextStep("runs.reproduce", { run: runId }, "repeats the run and compares every file and metric")
      : nextStep("promotion.show", { run: runId }, "shows the evidence behind the verdict"),
    nextStep("lineage.show", { subject: runId }, "shows the way from the table to the decision"),
    nextStep("mlflow.open", {}, "opens MLflow in the browser"),
  ];
}
