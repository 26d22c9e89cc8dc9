import { readFrozen, updateFrozen, withFrozenReference } from "./configs/frozen.ts";
import { resolveConfigs } from "./configs/resolve.ts";
import type { Core } from "./context.ts";
import type { SplitsDeps } from "./splits/ops.ts";

/** What splits need of configuration and versioning. */
export function splitsDeps(core: Core): SplitsDeps {
  return {
    resolveConfigs: (project, overrides) => resolveConfigs({ project, overrides }),
    restoreReference: async ({ paths }, file) => {
      const { restoreFromCache } = await import("./versioning/restore.ts");
      return (await restoreFromCache(paths, file)).added > 0;
    },
    frozenReference: ({ paths }, version) => readFrozen(paths).references[String(version)] ?? null,
    recordReference: ({ paths }, version, reference) => {
      updateFrozen(paths, core.catalogue(), (frozen) => withFrozenReference(frozen, version, reference));
    },
  };
}
