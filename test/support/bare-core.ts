import { openCatalogue } from "../../src-core/foundation/catalogue/open.ts";
import type { Core, Offers } from "../../src-core/foundation/context.ts";
import { projectPaths } from "../../src-core/foundation/files/paths.ts";
import { withOffers } from "../../src-core/wiring/offers.ts";
import { testPlace } from "./test-place.ts";

/** A core with a catalogue and a clock, for tests that need no configuration, MLflow or Python. */
export function bareCore(
  projectDir: string,
  env: NodeJS.ProcessEnv = process.env,
  project: Core["project"] = absent,
): Core & Offers {
  const catalogue = openCatalogue(projectPaths(projectDir).catalogueFile);
  const core = withOffers({
    projectDir,
    project,
    catalogue: () => catalogue,
    clock: { now: () => new Date() },
    env,
    home: projectDir,
    trackingFlag: undefined,
    tracking: absent,
    python: absent,
    place: testPlace({ env }),
    node: process.execPath,
  });
  return { ...core, outbox: { deliver: async () => undefined, deliverIfUp: async () => undefined } };
}

function absent(): never {
  throw new Error("This core has no such part.");
}
