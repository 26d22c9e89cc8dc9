import { existsSync } from "node:fs";
import { parseDurationMs } from "../../../contract/duration.ts";
import type { Core } from "../../../foundation/context.ts";
import { projectPaths } from "../../../foundation/files/paths.ts";
import { trainerFolder } from "../build/locks.ts";
import { free } from "./free.ts";
import { listEnvironments } from "./inventory.ts";
import { projectCandidates } from "./project-space.ts";
import { unusedEnvironments, unusedNodes } from "./unused.ts";

/** Frees what was not used for `olderThan`; outside a project only what lies in the user's data folder. */
export function collectSpace(
  core: Pick<Core, "catalogue" | "clock" | "home" | "node" | "projectDir">,
  { yes, olderThan }: { readonly yes: boolean; readonly olderThan: string },
) {
  const since = core.clock.now().getTime() - parseDurationMs(olderThan);
  const environments = unusedEnvironments(listEnvironments(core.home, trainerFolder), since);
  const paths = projectPaths(core.projectDir);
  // Without an index nothing is known of the runs: their files stay.
  const isProject = existsSync(paths.configFile) && existsSync(paths.catalogueFile);
  const ofProject = isProject ? projectCandidates({ paths, catalogue: core.catalogue(), since }) : [];
  return free([...environments, ...unusedNodes(core.home, core.node), ...ofProject], yes);
}
