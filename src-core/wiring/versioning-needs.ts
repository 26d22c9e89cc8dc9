import { readFrozen } from "../areas/configs/freeze/frozen.ts";
import { refuseChangedIn } from "../areas/splits/reference/reference.ts";
import type { VersioningNeeds } from "../areas/versioning/needs.ts";
import type { Core } from "../foundation/context.ts";

/** What data versioning needs of the splits: a frozen reference test is never recorded again. */
export function versioningNeeds(core: Pick<Core, "project">): VersioningNeeds {
  return {
    refuseChangedReference: (added) => {
      const { paths } = core.project();
      refuseChangedIn(added, { paths, references: readFrozen(paths).references });
    },
  };
}
