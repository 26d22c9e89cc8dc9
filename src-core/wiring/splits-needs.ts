import { readFrozen, updateFrozen, withFrozenReference } from "../areas/configs/freeze/frozen.ts";
import { resolveConfigs } from "../areas/configs/resolve.ts";
import type { SplitsNeeds } from "../areas/splits/needs.ts";
import type { Core } from "../foundation/context.ts";

/** What splits need of configuration and versioning. */
export function splitsNeeds(core: Pick<Core, "catalogue">): SplitsNeeds {
  return {
    resolveConfigs: (project, overrides) => resolveConfigs({ project, overrides }),
    restoreReference: async ({ paths }, file) => {
      const { restoreFromCache } = await import("../areas/versioning/cache/restore-from-cache.ts");
      return (await restoreFromCache(paths, file)).added > 0;
    },
    frozenReference: ({ paths }, version) => readFrozen(paths).references[String(version)] ?? null,
    recordReference: ({ paths }, version, reference) => {
      updateFrozen(paths, core.catalogue(), (frozen) => withFrozenReference(frozen, version, reference));
    },
  };
}
