import * as z from "zod";
import type { ConfigsOffer, Core } from "../../foundation/context.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import { loadActive, refuseEarlierProject } from "./project.ts";
import { readConfig } from "./read/read-config.ts";

/** The part of the gate that lists show. Parsing the whole schema would cost `status` more than reading the file. */
const primarySchema = z.looseObject({ primary: z.looseObject({ metric: z.string() }) });

/** What only a run needs is loaded on demand: a command that only reads builds no schema of it. */
export function configsOffer(core: Pick<Core, "projectDir" | "project" | "catalogue" | "clock">): ConfigsOffer {
  const paths = projectPaths(core.projectDir);
  return {
    active: () => loadActive(paths).value,
    resolve: async (settings, gate) => {
      const [{ resolveConfigs }, { parseOverrides }] = await Promise.all([
        import("./resolve.ts"),
        import("./overrides.ts"),
      ]);
      return resolveConfigs({
        project: core.project(),
        overrides: parseOverrides(Object.entries(settings).map(([key, value]) => `${key}=${value}`)),
        gate,
      });
    },
    checkFrozen: async (configs) => {
      const [{ checkFrozen, usedVersions }, { readFrozen }] = await Promise.all([
        import("./freeze/freeze.ts"),
        import("./freeze/frozen.ts"),
      ]);
      checkFrozen(paths, usedVersions(configs), readFrozen(paths));
    },
    changedVersions: async () => {
      const { isAnyChanged, knownFrozen } = await import("./freeze/frozen.ts");
      // Asked at every look at the project: the list of all versions is made only where one of them changed.
      if (!isAnyChanged(paths, knownFrozen(paths, core.catalogue()))) return { files: [], actions: [] };
      const { listVersions, repairs } = await import("./listing.ts");
      const project = core.project();
      const changed = listVersions(project, core.catalogue()).filter(({ isChanged }) => isChanged);
      return { files: changed.map(({ path }) => path), actions: repairs(project, core.catalogue(), changed) };
    },
    missingActive: async () => (await import("./listing.ts")).missingActive(core.project()),
    freeze: async (configs, runId) => {
      const { freeze } = await import("./freeze/freeze.ts");
      freeze({ paths, catalogue: core.catalogue(), now: core.clock.now() }, configs, runId);
    },
    primaryMetric: (gate = "configs/promotion.yaml") => {
      try {
        return readConfig(core.projectDir, gate, primarySchema).value.primary.metric;
      } catch {
        return undefined;
      }
    },
    refuseEarlierProject: () => refuseEarlierProject(core.projectDir),
    frozenReferences: async () => (await import("./freeze/frozen.ts")).readFrozen(paths).references,
    freezeReference: async (splitVersion, reference) => {
      const { updateFrozen, withFrozenReference } = await import("./freeze/frozen.ts");
      updateFrozen(paths, core.catalogue(), (frozen) => withFrozenReference(frozen, splitVersion, reference));
    },
  };
}
