import { jobRecord } from "../../src-core/areas/jobs/store.ts";
import { linkRun } from "../../src-core/areas/operations/link-run.ts";
import { openCatalogue } from "../../src-core/foundation/catalogue/open.ts";
import type { Core } from "../../src-core/foundation/context.ts";
import { projectPaths } from "../../src-core/foundation/files/paths.ts";

/** A core with a catalogue and a clock, for what needs neither a project's configuration nor MLflow nor Python. */
export function bareCore(projectDir: string, env: NodeJS.ProcessEnv = process.env): Core {
  const catalogue = openCatalogue(projectPaths(projectDir).catalogueFile);
  const absent = (): never => {
    throw new Error("This core has no such part.");
  };
  const core: Core = {
    projectDir,
    project: absent,
    catalogue: () => catalogue,
    clock: { now: () => new Date() },
    env,
    home: projectDir,
    trackingFlag: undefined,
    tracking: absent,
    python: absent,
    configs: { active: absent, resolve: absent, checkFrozen: absent, freeze: absent, primaryMetric: absent },
    ledger: { read: absent, append: absent },
    planRun: () => undefined,
    runResults: () => ({}),
    cancelOperation: absent,
    jobRecord: () => jobRecord(catalogue, core.clock, core.linkRun),
    linkRun: (runId) => linkRun(catalogue, runId),
    workingOperation: () => undefined,
  };
  return core;
}
