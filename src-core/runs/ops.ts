import path from "node:path";
import type { Core } from "../context.ts";
import { AppError } from "../contract/errors.ts";
import type { Implementations, OperationContext } from "../contract/operation.ts";
import type { RunReport, runsOperations } from "../contract/runs.ts";
import type { PipelineStages } from "../stages.ts";
import { begunRun, isOver } from "./begun-run.ts";
import { compareRuns } from "./compare.ts";
import { findRun } from "./find-run.ts";
import { jobLogs } from "./logs.ts";
import { dropResultsFrom, type ResultName, readResults, resultNames } from "./record.ts";
import { reportOf } from "./report.ts";
import type { ReproduceParts } from "./reproduce-parts.ts";
import type { Versions } from "./request.ts";
import { settleAndTell, settleRuns } from "./settle.ts";
import { listRuns, type RunRow, resumableRun } from "./store.ts";
import { summaryOf } from "./summary.ts";

export function runsOps(
  core: Core,
  stages: PipelineStages,
  reproduce: Omit<ReproduceParts, "core" | "stages">,
): Implementations<typeof runsOperations> {
  const pipeline = new PipelineOperations(core, stages);
  return {
    "runs.start": async (input, context) => {
      const { resolveRequest } = await import("./request.ts");
      settleRuns(core);
      const request = await resolveRequest(core, input);
      if (input.dryRun) return await (await import("./plan.ts")).planOf(core, request, input.new);
      const begun = begunRun(core, input.new ? undefined : request.fingerprint);
      if (begun !== undefined && isOver(begun)) return reportOf(core, begun);
      const resumed = begun ?? (input.new ? undefined : resumableRun(core.catalogue(), request.fingerprint));
      return await pipeline.run(resumed, { ...input, asked: input }, context);
    },
    "runs.resume": async (input, context) => {
      settleRuns(core);
      const run = findRun(core.catalogue(), input.run);
      if (run.status === "RUNNING") throw active(run);
      if (isOver(run)) {
        const asked = core.workingOperation()?.requestedAt ?? Number.POSITIVE_INFINITY;
        // What a dead supervisor left was gone on with before this request's turn came.
        if (run.endedAt !== null && run.endedAt >= asked) return reportOf(core, run);
        throw new AppError({
          code: "runs/not-resumable",
          message: `Run #${run.number} is finished: there is nothing to go on with.`,
          hint: "signalbox run starts another; signalbox stage NAME --run RUN runs one stage again.",
        });
      }
      return await pipeline.run(run, { ...input, asked: askedOf(run), push: false }, context);
    },
    "runs.stage": async (input, context) => {
      settleRuns(core);
      const run = findRun(core.catalogue(), input.run);
      if (run.status === "RUNNING") throw active(run);
      return await pipeline.stage(run, { ...input, name: input.name as ResultName }, context);
    },
    "runs.list": async (input) => {
      await settleAndTell(core);
      const { total, runs } = listRuns(core.catalogue(), input);
      const metric = core.configs.primaryMetric();
      return { total, runs: runs.map((run) => summaryOf(core.catalogue(), run, metric)) };
    },
    "runs.show": async (input) => {
      await settleAndTell(core);
      return reportOf(core, findRun(core.catalogue(), input.run));
    },
    "runs.compare": async (input) => {
      const runs = input.runs.map((reference) => findRun(core.catalogue(), reference));
      return {
        runs: runs.map((run) => `#${run.number} ${run.runId.slice(0, 8)}`),
        rows: compareRuns(core.catalogue(), runs, input.all),
      };
    },
    "runs.cancel": async (input) => (await import("./cancel.ts")).cancelRun(core, input.run),
    "runs.logs": async (input) => {
      const run = findRun(core.catalogue(), input.run);
      const runDir = path.join(core.project().paths.runs, run.runId);
      const jobs = jobLogs(runDir, { job: input.job, tail: input.tail });
      return {
        runId: run.runId,
        jobs: jobs.map((job) => ({ ...job, file: path.relative(core.projectDir, job.file) })),
      };
    },
    "runs.reproduce": async (input, context) =>
      (await import("./reproduce.ts")).reproduceRun({ core, stages, ...reproduce }, input, context),
    "runs.status": async () => (await import("./status.ts")).projectStatus(core),
  };
}

/** The versions a run was started with, as `--set` would give them. */
function askedOf(run: RunRow): { readonly set: Readonly<Record<string, string>>; readonly seed: number } {
  return {
    set: {
      split_version: String(run.splitVersion),
      feature_version: String(run.featureVersion),
      model_version: String(run.modelVersion),
      data_contract_version: String(run.dataContractVersion),
    },
    seed: Number(run.params.seed),
  };
}

function active(run: RunRow): AppError {
  return new AppError({
    code: "runs/active",
    message: `Run #${run.number} is at work in another process.`,
    hint: `Follow it with signalbox status, or end it: signalbox runs cancel ${run.runId.slice(0, 8)}`,
  });
}

interface PipelineRequest {
  readonly asked: { readonly set: Readonly<Record<string, string>>; readonly seed?: number | undefined };
  readonly promote: boolean;
  readonly push: boolean;
  readonly until?: ResultName;
  readonly trackingUri?: string | undefined;
}

/** What `run`, `resume` and `stage` share: open or reopen, run stages, report. */
class PipelineOperations {
  readonly #core: Core;
  readonly #stages: PipelineStages;

  constructor(core: Core, stages: PipelineStages) {
    this.#core = core;
    this.#stages = stages;
  }

  async run(known: RunRow | undefined, asked: PipelineRequest, context: OperationContext): Promise<RunReport> {
    const core = this.#core;
    const [{ resolveRequest }, { reopenRun, startRun }, { runPipeline }, { tellTracking }, { sweepLeftovers }] =
      await Promise.all([
        import("./request.ts"),
        import("./open-run.ts"),
        import("./pipeline.ts"),
        import("./settle.ts"),
        import("./sweep.ts"),
      ]);
    const began = Date.now();
    const request = await resolveRequest(core, asked.asked);
    context.report({
      stage: "resolve",
      state: "finished",
      elapsedMs: Date.now() - began,
      message: versionsLine(request.versions),
    });
    context.report({ message: this.#planLine(known, asked.until) });
    context.report({ stage: "start", state: "started", message: "MLflow and the Python environment" });
    const startedAt = Date.now();
    const opening = { ...context, trackingUri: asked.trackingUri };
    const run =
      known === undefined
        ? await startRun(core, request, opening)
        : await reopenRun(core, known, { ...opening, request });
    const what = known === undefined ? "run" : "resumed run";
    context.report({
      stage: "start",
      state: "finished",
      elapsedMs: Date.now() - startedAt,
      message: `${what} #${run.record.number} ${run.record.runId.slice(0, 8)} in ${run.record.experiment} (${run.tracking.source} server)`,
    });
    sweepLeftovers(request.project.paths, run.runDir);
    await tellTracking(core, run.tracking);
    const { promote, push, until } = asked;
    const options = { core, stages: this.#stages, run, promote, push, ...(until === undefined ? {} : { until }) };
    await runPipeline(options, context);
    return reportOf(core, findRun(core.catalogue(), run.record.runId));
  }

  #planLine(known: RunRow | undefined, until: ResultName | undefined): string {
    const results = known === undefined ? {} : readResults(path.join(this.#core.project().paths.runs, known.runId));
    const wanted = until === undefined ? resultNames : resultNames.slice(0, resultNames.indexOf(until) + 1);
    return `plan: start → ${wanted.map((name) => (results[name] === undefined ? name : `(${name})`)).join(" → ")}${wanted.some((name) => results[name] !== undefined) ? "   (in brackets: already there)" : ""}`;
  }

  async stage(
    run: RunRow,
    input: {
      readonly name: ResultName;
      readonly force: boolean;
      readonly promote: boolean;
      readonly trackingUri?: string | undefined;
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
        hint: `signalbox stage ${missing} --run ${run.runId.slice(0, 8)}`,
      });
    }
    if (input.force) dropResultsFrom(runDir, input.name);
    return await this.run(
      run,
      { asked: askedOf(run), promote: input.promote, push: false, until: input.name, trackingUri: input.trackingUri },
      context,
    );
  }
}

function versionsLine(versions: Versions): string {
  return Object.entries(versions)
    .map(([key, value]) => `${key.replace("_version", "")} v${value}`)
    .join(", ");
}
