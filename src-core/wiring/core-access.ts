import path from "node:path";
import { z } from "zod";
import { loadActive } from "../areas/configs/project.ts";
import { readConfig } from "../areas/configs/read/read-config.ts";
import { readResults, readRun } from "../areas/runs/record/record.ts";
import type { ConfigAccess, Core, LedgerAccess } from "../foundation/context.ts";
import { projectPaths } from "../foundation/files/paths.ts";

/**
 * What one area offers to the others, handed over in the core so that no area imports another. What only a run needs is loaded when it is
 * asked for: a command that looks builds no schema of it.
 */

/** As much of the gate as lists need: the whole schema would cost `status` more than reading the file. */
const primarySchema = z.looseObject({ primary: z.looseObject({ metric: z.string() }) });

export function configAccess(core: Core): ConfigAccess {
  const paths = projectPaths(core.projectDir);
  return {
    active: () => loadActive(paths).value,
    resolve: async (settings, gate) => {
      const [{ resolveConfigs }, { parseOverrides }] = await Promise.all([
        import("../areas/configs/resolve.ts"),
        import("../areas/configs/overrides.ts"),
      ]);
      return resolveConfigs({
        project: core.project(),
        overrides: parseOverrides(Object.entries(settings).map(([key, value]) => `${key}=${value}`)),
        gate,
      });
    },
    checkFrozen: async (configs) => {
      const [{ checkFrozen, usedVersions }, { readFrozen }] = await Promise.all([
        import("../areas/configs/freeze/freeze.ts"),
        import("../areas/configs/freeze/frozen.ts"),
      ]);
      checkFrozen(paths, usedVersions(configs), readFrozen(paths));
    },
    freeze: async (configs, runId) => {
      const { freeze } = await import("../areas/configs/freeze/freeze.ts");
      freeze({ paths, catalogue: core.catalogue(), now: core.clock.now() }, configs, runId);
    },
    primaryMetric: (gate = "configs/promotion.yaml") => {
      try {
        return readConfig(core.projectDir, gate, primarySchema).value.primary.metric;
      } catch {
        return undefined;
      }
    },
  };
}

export function ledgerAccess(core: Core): LedgerAccess {
  const paths = projectPaths(core.projectDir);
  return {
    read: async () => (await import("../areas/ledger/read.ts")).readLedger(paths.ledgerFile),
    append: async (entry, options) => {
      const { appendEntry } = await import("../areas/ledger/append.ts");
      return appendEntry({ paths, catalogue: core.catalogue(), clock: core.clock }, entry, options);
    },
  };
}

export function runResults(core: Core): Core["runResults"] {
  const { runs } = projectPaths(core.projectDir);
  return (runId) => readResults(path.join(runs, runId));
}

export function planRunOf(core: Core): Core["planRun"] {
  const { runs } = projectPaths(core.projectDir);
  return (runId) => readRun(path.join(runs, runId))?.planRun;
}
