import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { OperationOutput } from "../../../contract/index.ts";
import type { OperationContext } from "../../../contract/operation.ts";
import type { PlanRun } from "../../../contract/routing/plan-run.ts";
import type { ResultName, StageResults } from "../../../contract/runs/stage-results.ts";
import type { Core, StageContext, StageCore, Tracking } from "../../../foundation/context.ts";
import { folderClient } from "../../../foundation/mlflow/folder-client.ts";
import { modelGroups } from "../../configs/check/model-types.ts";
import type { ReproduceNeeds } from "../needs.ts";
import { resolveRequest } from "../pipeline/request.ts";
import { findRun } from "../record/find-run.ts";
import { readResults, readRun, writeResult } from "../record/record.ts";
import { describeStage } from "../stages/pipelines.ts";
import type { RunRow } from "../store.ts";
import { compareExecutions, type Execution } from "./reproduce-compare.ts";
import { placeFrozenReference, placeMaster, splitWriter } from "./reproduce-data.ts";
import { askGateAgain } from "./reproduce-gate.ts";
import { placePlanInputs, writeScratchConfigs } from "./reproduce-project.ts";
import { outcomeOf } from "./reproduce-rows.ts";
import { closeScratch, openScratch, removeDeadScratch, type Scratch } from "./reproduce-scratch.ts";

type Reproduced = OperationOutput<"runs.reproduce">;
type Known = Pick<StageResults, "split" | "train" | "evaluate"> & Partial<StageResults>;

/**
 * Executes the versions of a run again, with the same stage functions in a scratch project, and compares all digests and metrics. In the
 * project it only changes the log of reads of the reference test, which a reproduction reads too. Nothing is sent to MLflow: the same code
 * writes the artifacts to the scratch folder, and the model is saved, fetched and loaded exactly as in the run.
 */
export async function reproduceRun(
  parts: ReproduceNeeds,
  input: { readonly run: string; readonly keep: boolean },
  context: OperationContext,
): Promise<Reproduced> {
  const { core } = parts;
  const run = findRun(core.catalogue(), input.run);
  const { paths } = core.project();
  const known = knownResults(run, readResults(path.join(paths.runs, run.runId)));
  await removeDeadScratch({ paths, place: core.place });
  const scratch = openScratch(paths, run.runId);
  try {
    const rows = await repeat(parts, { run, known, scratch }, context);
    return {
      runId: run.runId,
      ...outcomeOf(rows),
      rows: [...rows],
      scratch: input.keep ? path.relative(paths.root, scratch.project) : null,
    };
  } finally {
    closeScratch(scratch, input.keep);
  }
}

/** @throws runs/not-comparable if the run has too little to compare with */
function knownResults(run: RunRow, results: Partial<StageResults>): Known {
  const { split, train, evaluate } = results;
  if (split !== undefined && train !== undefined && evaluate !== undefined)
    return { ...results, split, train, evaluate };
  throw new AppError({
    code: "runs/not-comparable",
    message: `Run #${run.number} (${run.status}) has no finished evaluation in its folder, so there is nothing to compare with.`,
    ...(run.isResumable
      ? { next: [nextStep("runs.resume", { run: run.runId }, "finishes it")] }
      : { hint: "The folder of the run in .signalbox/runs was removed. Reproduce a newer run." }),
    details: { runId: run.runId },
  });
}

interface Repetition {
  readonly run: RunRow;
  readonly known: Known;
  readonly scratch: Scratch;
}

async function repeat(parts: ReproduceNeeds, it: Repetition, operation: OperationContext) {
  const { core } = parts;
  const { run, known, scratch } = it;
  const { paths, config } = core.project();
  const { signal } = operation;
  const began = Date.now();
  operation.report({ stage: "resolve", state: "started", message: "configuration and table of the run" });
  const decided = await parts.decisionOf(paths, run.runId);
  const { planRun } = readRun(path.join(paths.runs, run.runId)) ?? {};
  writeScratchConfigs(core.project(), run, { into: scratch.project, decided, planRun });
  if (planRun !== undefined) placePlanInputs(paths.root, planRun, scratch.project);
  await parts.initDvc(scratch.project);
  const data = { paths, master: config.master, run, results: known, into: scratch.project, signal };
  await placeMaster(parts, data);
  const isFrozen = await placeFrozenReference(parts, data);
  operation.report({
    stage: "resolve",
    state: "finished",
    elapsedMs: Date.now() - began,
    message: isFrozen ? "using the frozen reference test" : "making the reference test again",
  });
  const client = folderClient(scratch.artifacts);
  const tracking: Tracking = { client, uri: client.uri, source: "managed" };
  const at = parts.coreAt(core, scratch.project, tracking);
  try {
    const context = await stageContext(at.core, { run, planRun, tracking, operation });
    const results = await runStages(parts, context, { original: core, run });
    const { gate, why } = await askGateAgain(parts, {
      paths,
      decided,
      // Size and duration belong to the recorded fit and have no second value to compare.
      context: { ...context, results: { ...results, train: known.train } },
      evaluate: results.evaluate,
    });
    const { digest: lock, pythonMinor } = await core.place.python(modelGroups(run.params.model_type ?? ""));
    const original: Execution = {
      ...known,
      version: known.version,
      gate: known.decide?.gate,
      writer: await splitWriter(parts, data, path.join(scratch.folder, "recorded")),
      environment: { lock: run.params.environment_lock ?? "", pythonMinor: run.params.python_version ?? "" },
    };
    const again: Execution = {
      ...results,
      gate,
      writer: await parts.splitWriterOf(path.join(scratch.project, results.split.manifest.path)),
      environment: { lock, pythonMinor },
    };
    return compareExecutions(original, again, { noGate: why });
  } finally {
    await at.close();
  }
}

async function stageContext(
  core: StageCore,
  it: {
    readonly run: RunRow;
    readonly planRun: PlanRun | undefined;
    readonly tracking: Tracking;
    readonly operation: OperationContext;
  },
): Promise<StageContext> {
  const { run, planRun, operation } = it;
  const request = await resolveRequest(core, { set: {}, seed: Number(run.params.seed), planRun });
  const { project } = request;
  return {
    core,
    place: core.place,
    node: core.node,
    // A repetition decides nothing, so no model of it is registered either.
    project: { ...project, config: { ...project.config, register: "on_decision" } },
    // The id must be the same, because the files of the model contain it.
    runId: run.runId,
    runDir: path.join(request.project.paths.runs, run.runId),
    configs: request.configs,
    seed: request.seed,
    planRun,
    results: {},
    options: { promote: false, push: false },
    tracking: it.tracking,
    signal: operation.signal,
    report: operation.report,
  };
}

type Repeated = Pick<StageResults, "split" | "version" | "train" | "evaluate">;

async function runStages(
  parts: ReproduceNeeds,
  context: StageContext,
  { original, run }: { readonly original: Pick<Core, "clock" | "project">; readonly run: RunRow },
): Promise<Repeated> {
  const one = async <Name extends ResultName>(
    name: Name,
    results: Partial<StageResults>,
  ): Promise<StageResults[Name]> => {
    context.signal.throwIfAborted();
    const began = Date.now();
    context.report({ stage: name, state: "started" });
    const report: StageContext["report"] = (progress) => context.report({ ...progress, stage: name });
    const result: StageResults[Name] = await parts.stages[name]({ ...context, results, report });
    writeResult(context.runDir, name, result);
    context.report({
      stage: name,
      state: "finished",
      elapsedMs: Date.now() - began,
      message: describeStage(name, result),
    });
    return result;
  };
  const split = await one("split", {});
  const version = await one("version", { split });
  const train = await one("train", { split, version });
  const at = original.clock.now().toISOString();
  await parts.recordReferenceRead(original.project().paths, split, { at, runId: run.runId, purpose: "reproduce" });
  const evaluate = await one("evaluate", { split, version, train });
  return { split, version, train, evaluate };
}
