import path from "node:path";
import type { Core, RunsOffer } from "../../foundation/context.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import { findRun } from "./record/find-run.ts";
import { findFinishedJob } from "./record/finished-job.ts";
import { isOwned } from "./record/owner.ts";
import { readResults, readRun } from "./record/record.ts";

export function runsOffer(core: Pick<Core, "catalogue" | "clock" | "env" | "project" | "projectDir">): RunsOffer {
  const { runs } = projectPaths(core.projectDir);
  const results: RunsOffer["results"] = (runId) => readResults(path.join(runs, runId));
  const planRun: RunsOffer["planRun"] = (runId) => readRun(path.join(runs, runId))?.planRun;
  return {
    results,
    planRun,
    find: (reference) => findRun(core.catalogue(), reference),
    finishedJob: (jobId, dataHash) =>
      findFinishedJob({ catalogue: core.catalogue, runs: { results, planRun } }, jobId, dataHash),
    isExecuted: (runId) => isOwned(path.join(runs, runId)),
    settle: async () => void (await import("./record/settle.ts")).settleRuns(core),
    gitCommit: async () => await (await import("./pipeline/code-version.ts")).gitCommit(core),
  };
}
