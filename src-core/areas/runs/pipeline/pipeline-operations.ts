import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import type { Versions } from "../../../contract/configs/config-kinds.ts";
import { settingsOf } from "../../../contract/configs/resolved.ts";
import { AppError } from "../../../contract/errors.ts";
import type { OperationContext } from "../../../contract/operation.ts";
import type { PlanRun } from "../../../contract/routing/plan-run.ts";
import { type ResultName, resultNames } from "../../../contract/runs/stage-results.ts";
import type { RunReport } from "../../../contract/runs.ts";
import type { Core } from "../../../foundation/context.ts";
import type { Hold } from "../../../foundation/exec/named-locks.ts";
import type { PipelineStages, RunsCore } from "../needs.ts";
import { findRun } from "../record/find-run.ts";
import { dropResultsFrom, readResults, readRun } from "../record/record.ts";
import { reportOf } from "../show/run-report.ts";
import type { RunRow } from "../store.ts";

export interface PipelineRequest {
  readonly asked: {
    readonly set: Readonly<Record<string, string>>;
    readonly seed?: number | undefined;
    readonly planRun?: PlanRun | undefined;
  };
  readonly promote: boolean;
  readonly push: boolean;
  readonly until?: ResultName;
  readonly trackingUri?: string | undefined;
  /** True if the current operation has many runs. */
  readonly isOneOfMany?: boolean;
  /** What is held while the run is worked on. */
  readonly hold: Hold;
}

/** The common part of `run`, `resume` and `stage`: open or reopen, run stages, report. */
export class PipelineOperations {
  readonly #core: RunsCore;
  readonly #stages: PipelineStages;

  constructor(core: RunsCore, stages: PipelineStages) {
    this.#core = core;
    this.#stages = stages;
  }

  async run(known: RunRow | undefined, asked: PipelineRequest, context: OperationContext): Promise<RunReport> {
    const core = this.#core;
    const [{ resolveRequest }, { reopenRun, startRun }, { runPipeline }, { sweepLeftovers }] = await Promise.all([
      import("./request.ts"),
      import("./open-run.ts"),
      import("./pipeline.ts"),
      import("./sweep.ts"),
    ]);
    const began = Date.now();
    const request = await resolveRequest(core, asked.asked);
    // On a broken ledger there is no decision: to find that only after the training would cost hours.
    await core.ledger.read();
    context.report({
      stage: "resolve",
      state: "finished",
      elapsedMs: Date.now() - began,
      message: versionsLine(request.versions),
    });
    context.report({ message: this.#planLine(known, asked.until) });
    context.report({ stage: "start", state: "started", message: "MLflow and the Python environment" });
    const startedAt = Date.now();
    const opening = { ...context, trackingUri: asked.trackingUri, isOneOfMany: asked.isOneOfMany };
    const run =
      known === undefined
        ? await startRun(core, request, opening)
        : await reopenRun(core, known, { ...opening, request });
    const what = known === undefined ? "run" : "resumed run";
    context.report({
      stage: "start",
      state: "finished",
      elapsedMs: Date.now() - startedAt,
      message: `${what} #${run.record.number} ${run.record.runId.slice(0, 8)} in ${run.record.experiment} (${run.tracking.source === "managed" ? "the project's MLflow server" : `MLflow at ${run.tracking.uri}`})`,
    });
    sweepLeftovers(request.project.paths, run.runDir);
    await core.outbox.deliver(run.tracking);
    const { promote, push, until, hold } = asked;
    const options = { core, stages: this.#stages, run, promote, push, hold, ...(until === undefined ? {} : { until }) };
    await runPipeline(options, context);
    return await reportOf(core, findRun(core.catalogue(), run.record.runId));
  }

  #planLine(known: RunRow | undefined, until: ResultName | undefined): string {
    const results = known === undefined ? {} : readResults(path.join(this.#core.project().paths.runs, known.runId));
    const wanted = until === undefined ? resultNames : resultNames.slice(0, resultNames.indexOf(until) + 1);
    return `plan: start → ${wanted.map((name) => (results[name] === undefined ? name : `(${name})`)).join(" → ")}${wanted.some((name) => results[name] !== undefined) ? "   (in brackets: already finished)" : ""}`;
  }

  async stage(
    run: RunRow,
    input: {
      readonly name: ResultName;
      readonly force: boolean;
      readonly promote: boolean;
      readonly trackingUri?: string | undefined;
      readonly hold: Hold;
    },
    context: OperationContext,
  ): Promise<RunReport> {
    const runDir = path.join(this.#core.project().paths.runs, run.runId);
    const results = readResults(runDir);
    const missing = resultNames.slice(0, resultNames.indexOf(input.name)).find((name) => results[name] === undefined);
    if (missing !== undefined) {
      throw new AppError({
        code: "runs/stage-blocked",
        message: `Stage ${input.name} of run #${run.number} needs ${missing}, which has no result yet.`,
        next: [nextStep("runs.stage", { name: missing, run: run.runId }, "runs it")],
      });
    }
    if (input.force) dropResultsFrom(runDir, input.name);
    return await this.run(
      run,
      {
        asked: askedOf(this.#core, run),
        promote: input.promote,
        push: false,
        until: input.name,
        trackingUri: input.trackingUri,
        hold: input.hold,
      },
      context,
    );
  }
}

function versionsLine(versions: Versions): string {
  return Object.entries(versions)
    .map(([key, value]) => `${key.replace("_version", "")} v${value}`)
    .join(", ");
}

/** Returns the versions of a run, as if from `--set`. */
export function askedOf(core: Pick<Core, "project">, run: RunRow): PipelineRequest["asked"] {
  const { planRun } = readRun(path.join(core.project().paths.runs, run.runId)) ?? {};
  if (planRun === undefined && run.params.job_id !== undefined) {
    throw new AppError({
      code: "runs/not-resumable",
      message: `Run #${run.number} executed a job of a training plan, but its folder, which names the job, no longer exists.`,
      next: [nextStep("routing.train", {}, "runs the unfinished jobs of the plan")],
      details: { runId: run.runId },
    });
  }
  return {
    set: settingsOf(run.versions),
    seed: Number(run.params.seed),
    ...(planRun === undefined ? {} : { planRun }),
  };
}
