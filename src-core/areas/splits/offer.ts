import type { SplitsOffer } from "../../foundation/context.ts";
import { projectPaths } from "../../foundation/files/paths.ts";
import type { SplitsCore } from "./needs.ts";

export function splitsOffer(core: Pick<SplitsCore, "configs" | "project" | "projectDir">): SplitsOffer {
  return {
    masterSha256: async () => {
      const { hashMaster } = await import("./master/master-files.ts");
      const { paths, config } = core.project();
      return await hashMaster(paths.root, config.master).sha256;
    },
    isMade: async (configs) => {
      const { isSplitThere } = await import("./split-stage.ts");
      return await isSplitThere({ project: core.project(), configs });
    },
    refuseChangedReference: async (added) => {
      const { refuseChangedIn } = await import("./reference/reference.ts");
      refuseChangedIn(added, {
        paths: projectPaths(core.projectDir),
        references: await core.configs.frozenReferences(),
      });
    },
  };
}
