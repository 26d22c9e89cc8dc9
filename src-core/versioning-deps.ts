import { existsSync } from "node:fs";
import path from "node:path";
import { readFrozen } from "./configs/frozen.ts";
import type { Core } from "./context.ts";
import { fileDigest } from "./files/digest.ts";
import { referenceChanged } from "./splits/reference.ts";
import { splitPaths } from "./splits/split-paths.ts";
import type { VersioningDeps } from "./versioning/ops.ts";

/** What data versioning needs of the splits: a frozen reference test is never recorded anew. */
export function versioningDeps(core: Core): VersioningDeps {
  return {
    refuseChangedReference: (added) => {
      const { paths } = core.project();
      for (const [version, { sha256 }] of Object.entries(readFrozen(paths).references)) {
        const { reference, names } = splitPaths(paths, Number(version));
        const isInside = reference === added || reference.startsWith(`${added}${path.sep}`);
        if (isInside && existsSync(reference) && fileDigest(reference) !== sha256)
          throw referenceChanged(names.reference, sha256);
      }
    },
  };
}
