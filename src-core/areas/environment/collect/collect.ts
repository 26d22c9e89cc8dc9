import { existsSync } from "node:fs";
import { parseDurationMs } from "../../../contract/duration.ts";
import type { Core } from "../../../foundation/context.ts";
import { projectPaths } from "../../../foundation/files/paths.ts";
import { trainerFolder } from "../build/locks.ts";
import { free } from "./free.ts";
import { listEnvironments } from "./inventory.ts";
import { projectCandidates } from "./project-space.ts";
import { unusedEnvironments, unusedNodes } from "./unused.ts";

/** Frees what wasn't used for `olderThan`. Outside a project, that is only in the user's data folder. */
export function collectSpace(
  core: Pick<Core, "catalogue" | "clock" | "home" | "node" | "projectDir">,
  { yes, olderThan }: { readonly yes: boolean; readonly olderThan: string },
) {
  const since = core.clock.now().getTime() - parseDurationMs(olderThan);
  const environments = unusedEnvironments(listEnvironments(core.home, trainerFolder), since);
  const paths = projectPaths(core.projectDir);
  // Without a catalogue nothing is known about the runs, so their files are kept.
  const isProject = existsSync(paths.configFile) && existsSync(paths.catalogueFile);
  const ofProject = isProject ? projectCandidates({ paths, catalogue: core.catalogue(), since }) : [];
  return free([...environments, ...unusedNodes(core.home, core.node), ...ofProject], yes);
}
