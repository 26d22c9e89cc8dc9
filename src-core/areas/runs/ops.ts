import path from "node:path";
import { askingStep, nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { Implementations, OperationContext } from "../../contract/operation.ts";
import type { ResultName } from "../../contract/runs/stage-results.ts";
import type { runsOperations } from "../../contract/runs.ts";
import type { Hold } from "../../foundation/exec/named-locks.ts";
import type { PipelineStages, ReproduceNeeds, RunsCore } from "./needs.ts";
import { begunRun, isOver } from "./pipeline/begun-run.ts";
import { askedOf, PipelineOperations } from "./pipeline/pipeline-operations.ts";
import { withRunLocks } from "./pipeline/run-locks.ts";
import { findRun } from "./record/find-run.ts";
import { jobLogs } from "./record/logs.ts";
import { settleAndTell, settleRuns } from "./record/settle.ts";
import { compareRuns } from "./show/compare-runs.ts";
import { reportOf } from "./show/run-report.ts";
import { summaryOf } from "./show/run-summary.ts";
import { listRuns, type RunRow, resumableRun } from "./store.ts";

export function runsOps(
  core: RunsCore,
  stages: PipelineStages,
  parts: Omit<ReproduceNeeds, "core" | "stages">,
): Implementations<typeof runsOperations> {
  const pipeline = new PipelineOperations(core, stages);
  /** Runs of equal versions are worked on one after the other: each finds what the one before left. */
  const locked = <Run extends Pick<RunRow, "fingerprint" | "versions">, T>(
    run: Run,
    context: OperationContext,
    work: (hold: Hold, run: Run) => Promise<T>,
  ) => {
    const { fingerprint, versions } = run;
    return withRunLocks(core, { fingerprint, splitVersion: versions.split_version, context }, (hold) =>
      work(hold, run),
    );
  };
  return {
    "runs.start": async (input, context) => {
      const { resolveRequest } = await import("./pipeline/request.ts");
      settleRuns(core);
      const request = await resolveRequest(core, input);
      if (input.dryRun)
        return await (await import("./pipeline/plan-pipeline.ts")).planOf(core, {
          request,
          isNew: input.new,
          trackingUri: input.trackingUri,
        });
      return await locked(request, context, async (hold) => {
        settleRuns(core);
        const begun = begunRun(core, input.new ? undefined : request.fingerprint);
        if (begun !== undefined && isOver(begun)) return await reportOf(core, begun);
        const resumed = begun ?? (input.new ? undefined : resumableRun(core.catalogue(), request.fingerprint));
        return await pipeline.run(resumed, { ...input, asked: input, hold }, context);
      });
    },
    "runs.resume": async (input, context) => {
      settleRuns(core);
      return await locked(findRun(core.catalogue(), input.run), context, async (hold, { runId }) => {
        settleRuns(core);
        const run = findRun(core.catalogue(), runId);
        if (run.status === "RUNNING") throw active(run);
        if (isOver(run)) {
          const asked = core.operations.working()?.requestedAt ?? Number.POSITIVE_INFINITY;
          // The run of a dead supervisor was resumed before it was this request's turn.
          if (run.endedAt !== null && run.endedAt >= asked) return await reportOf(core, run);
          throw new AppError({
            code: "runs/not-resumable",
            message: `Run #${run.number} is finished, so it can't be resumed.`,
            next: [
              nextStep("runs.start", {}, "starts another run"),
              askingStep("runs.stage", { input: { run: run.runId }, asks: ["name"] }, "runs a stage again"),
            ],
          });
        }
        return await pipeline.run(run, { ...input, asked: askedOf(core, run), push: false, hold }, context);
      });
    },
    "runs.stage": async (input, context) => {
      settleRuns(core);
      return await locked(findRun(core.catalogue(), input.run), context, async (hold, { runId }) => {
        settleRuns(core);
        const run = findRun(core.catalogue(), runId);
        if (run.status === "RUNNING") throw active(run);
        return await pipeline.stage(run, { ...input, name: input.name as ResultName, hold }, context);
      });
    },
    "runs.list": async (input) => {
      await settleAndTell(core);
      const { total, runs } = listRuns(core.catalogue(), input);
      return { total, runs: runs.map((run) => summaryOf(core, run)) };
    },
    "runs.show": async (input) => {
      await settleAndTell(core);
      return await reportOf(core, findRun(core.catalogue(), input.run));
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
      (await import("./reproduce/reproduce.ts")).reproduceRun({ core, stages, ...parts }, input, context),
    "runs.status": async () => (await import("./show/status.ts")).projectStatus(core),
  };
}

function active(run: RunRow): AppError {
  return new AppError({
    code: "runs/active",
    message: `Run #${run.number} is running in another process.`,
    next: [
      nextStep("runs.status", {}, "shows its progress"),
      nextStep("runs.cancel", { run: run.runId }, "cancels it"),
    ],
  });
}
