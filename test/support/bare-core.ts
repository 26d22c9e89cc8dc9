import { jobRecord } from "../../src-core/areas/jobs/store.ts";
import { linkRun } from "../../src-core/areas/operations/link-run.ts";
import { openCatalogue } from "../../src-core/foundation/catalogue/open.ts";
import type { Core, Offers } from "../../src-core/foundation/context.ts";
import { projectPaths } from "../../src-core/foundation/files/paths.ts";
import { testPlace } from "./test-place.ts";

/** A core with a catalogue and a clock, for tests that need no configuration, MLflow or Python. */
export function bareCore(projectDir: string, env: NodeJS.ProcessEnv = process.env): Core & Offers {
  const catalogue = openCatalogue(projectPaths(projectDir).catalogueFile);
  const clock = { now: () => new Date() };
  const absent = (): never => {
    throw new Error("This core has no such part.");
  };
  return {
    projectDir,
    project: absent,
    catalogue: () => catalogue,
    clock,
    env,
    home: projectDir,
    trackingFlag: undefined,
    tracking: absent,
    python: absent,
    place: testPlace({ env }),
    node: process.execPath,
    configs: { active: absent, resolve: absent, checkFrozen: absent, freeze: absent, primaryMetric: absent },
    ledger: { read: absent, append: absent },
    runs: { results: () => ({}), planRun: () => undefined, find: absent },
    operations: { cancel: absent, linkRun: (runId) => linkRun(catalogue, runId), working: () => undefined },
    jobs: { record: () => jobRecord(catalogue, clock, (runId) => linkRun(catalogue, runId)) },
    outbox: { deliver: async () => undefined, deliverIfUp: async () => undefined },
  };
}
