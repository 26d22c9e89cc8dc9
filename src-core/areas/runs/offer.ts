import path from "node:path";
import type { Core, RunsOffer } from "../../foundation/context.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import { findRun } from "./record/find-run.ts";
import { readResults, readRun } from "./record/record.ts";

export function runsOffer(core: Pick<Core, "projectDir" | "catalogue">): RunsOffer {
  const { runs } = projectPaths(core.projectDir);
  return {
    results: (runId) => readResults(path.join(runs, runId)),
    planRun: (runId) => readRun(path.join(runs, runId))?.planRun,
    find: (reference) => findRun(core.catalogue(), reference),
  };
}
