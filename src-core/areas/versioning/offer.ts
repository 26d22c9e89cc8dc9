import type { Core, VersioningOffer } from "../../foundation/context.ts";
import { projectPaths } from "../../foundation/files/paths.ts";

export function versioningOffer(core: Pick<Core, "projectDir">): VersioningOffer {
  return {
    restore: async (file) => {
      const { restoreFromCache } = await import("./cache/restore-from-cache.ts");
      return (await restoreFromCache(projectPaths(core.projectDir), file)).added > 0;
    },
    missing: async () => (await import("./outputs/missing.ts")).missingData(core.projectDir),
  };
}
