import { readFrozen } from "../areas/configs/freeze/frozen.ts";
import { refuseEarlierProject } from "../areas/configs/project.ts";
import { refuseChangedIn } from "../areas/splits/reference/reference.ts";
import type { VersioningNeeds } from "../areas/versioning/needs.ts";
import type { Core } from "../foundation/context.ts";

/** What data versioning needs: a frozen reference test is never recorded again, and an earlier version's project not touched. */
export function versioningNeeds(core: Pick<Core, "project" | "projectDir">): VersioningNeeds {
  return {
    refuseEarlierProject: () => refuseEarlierProject(core.projectDir),
    refuseChangedReference: (added) => {
      const { paths } = core.project();
      refuseChangedIn(added, { paths, references: readFrozen(paths).references });
    },
  };
}
