import { encodeError, isCancelled, toAppError } from "../../../contract/errors.ts";
import type { OperationContext } from "../../../contract/operation.ts";
import type { ResultName, StageResults } from "../../../contract/runs/stage-results.ts";
import { noteChange } from "../../../foundation/catalogue/changes.ts";
import type { Core, StageContext, StageCore } from "../../../foundation/context.ts";
import type { Hold } from "../../../foundation/exec/named-locks.ts";
import type { PipelineStages } from "../needs.ts";
import { closeFailed, closeRun } from "../record/close-run.ts";
import { publishStage } from "../record/publish-stage.ts";
import { readResults, writeResult } from "../record/record.ts";
import { keepState } from "../record/state-file.ts";
import { describeStage, stageRecord, stagesOf } from "../stages/pipelines.ts";
import { lastEnd, setStage } from "../store.ts";
import type { OpenRun } from "./open-run.ts";

export interface PipelineOptions {
  readonly core: StageCore;
  readonly stages: PipelineStages;
  readonly run: OpenRun;
  readonly promote: boolean;
  readonly push: boolean;
  /** Held while the run is being worked on. */
  readonly hold: Hold;
  /** Stops after this stage; the run remains open for the next ones. */
  readonly until?: ResultName;
}

/**
 * Runs the stages that have no result yet, in order, and closes the run: FINISHED after the last stage, KILLED when cancelled, else FAILED
 * with the stage and the error. Records the same in the catalogue and in MLflow. If MLflow can't be reached, the next command sends it.
 */
export async function runPipeline(options: PipelineOptions, context: OperationContext): Promise<void> {
  const { core, run } = options;
  const stages = stagesOf(run.request.project.config);
  let current = stages[0] ?? "start";
  try {
    for (const stage of stages) {
      current = stage;
      context.signal.throwIfAborted();
      await runStage(stage, options, context);
      if (stage === options.until) break;
    }
    const results = readResults(run.runDir);
    const outcome = {
      status: "FINISHED",
      isResumable: stages.some((name) => results[name] === undefined),
      // A finished stage was only checked, not executed, so the run ended when its last executed stage did.
      endedAt: lastEnd(core.catalogue(), run.record.runId) ?? core.clock.now().getTime(),
      error: null,
    } as const;
    await closeRun(core, run, { outcome });
  } catch (thrown) {
    throw await closeFailed(core, run, { thrown, stage: current });
  }
}

async function runStage<Name extends ResultName>(
  name: Name,
  options: PipelineOptions,
  context: OperationContext,
): Promise<void> {
  const { core, run, stages } = options;
  const results = readResults(run.runDir);
  const known = results[name];
  if (known !== undefined) {
    await publishStage(name, known, { core, run });
    context.report({ stage: name, state: "skipped", message: `already finished: ${describeStage(name, known)}` });
    return;
  }
  const startedAt = core.clock.now().getTime();
  core
    .catalogue()
    .write((writer) => setStage(writer, run.record.runId, { stage: name, state: "running", startedAt, endedAt: null }));
  keepState(core.catalogue(), run.runDir);
  context.report({ stage: name, state: "started" });
  const stageContext: StageContext = {
    core,
    place: core.place,
    node: core.node,
    project: run.request.project,
    runId: run.record.runId,
    runDir: run.runDir,
    configs: run.request.configs,
    seed: run.request.seed,
    planRun: run.request.planRun,
    results,
    options: { promote: options.promote, push: options.push },
    hold: options.hold,
    tracking: run.tracking,
    signal: context.signal,
    report: (progress) => context.report({ ...progress, stage: name }),
  };
  try {
    const result: StageResults[Name] = await stages[name](stageContext);
    await publishStage(name, result, { core, run });
    writeResult(run.runDir, name, result);
    const endedAt = core.clock.now().getTime();
    const verdict = "gate" in result ? { verdict: result.gate.verdict } : {};
    core.catalogue().write((writer) => {
      setStage(writer, run.record.runId, { stage: name, state: "finished", startedAt, endedAt, ...verdict });
      for (const [subject, ids] of stageRecord(name).changes?.(result) ?? []) noteChange(writer, subject, ids);
    });
    keepState(core.catalogue(), run.runDir);
    context.report({
      stage: name,
      state: "finished",
      elapsedMs: endedAt - startedAt,
      message: describeStage(name, result),
    });
  } catch (thrown) {
    const error = toAppError(thrown);
    const endedAt = core.clock.now().getTime();
    const state = isCancelled(error) ? "cancelled" : "failed";
    noteFailure(core, run.record.runId, { stage: name, state, startedAt, endedAt, error: encodeError(error) });
    // The error itself is the answer of the operation: said here too, it would be read twice.
    context.report({ stage: name, state: "failed", elapsedMs: endedAt - startedAt });
    throw error;
  }
}

/** Records the stage of an error that is thrown anyway. If that fails, as on a full disk, the first error counts. */
function noteFailure(core: Pick<Core, "catalogue">, runId: string, row: Parameters<typeof setStage>[2]): void {
  try {
    core.catalogue().write((writer) => setStage(writer, runId, row));
  } catch {
    // Recording the outcome of the run also records those of its stages.
  }
}
