import path from "node:path";
import { readFrozen } from "../areas/configs/freeze/frozen.ts";
import { refuseChanged } from "../areas/splits/reference/reference.ts";
import { splitPaths } from "../areas/splits/split-paths.ts";
import type { VersioningNeeds } from "../areas/versioning/needs.ts";
import type { Core } from "../foundation/context.ts";

/** What data versioning needs of the splits: a frozen reference test is never recorded anew. */
export function versioningNeeds(core: Pick<Core, "project">): VersioningNeeds {
  return {
    refuseChangedReference: (added) => {
      const { paths } = core.project();
      for (const [version, recorded] of Object.entries(readFrozen(paths).references)) {
        const { reference: file, names } = splitPaths(paths, Number(version));
        if (file === added || file.startsWith(`${added}${path.sep}`))
          refuseChanged({ file, name: names.reference, recorded });
      }
    },
  };
}
