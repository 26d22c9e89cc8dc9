import type { Core, LedgerOffer } from "../../foundation/context.ts";
import { projectPaths } from "../../foundation/files/paths.ts";

export function ledgerOffer(core: Pick<Core, "catalogue" | "clock" | "env" | "project" | "projectDir">): LedgerOffer {
  const paths = projectPaths(core.projectDir);
  return {
    read: async () => {
      const [{ readLedger }, { readHead }] = await Promise.all([import("./read.ts"), import("./store.ts")]);
      return readLedger(paths.ledgerFile, readHead(core.catalogue()));
    },
    append: async (entry, options) => {
      const { appendEntry } = await import("./append.ts");
      return appendEntry({ paths, catalogue: core.catalogue(), clock: core.clock }, entry, options);
    },
    checkServer: async (tracking) => {
      const { refuseOtherHead } = await import("./server-head.ts");
      await refuseOtherHead(core, tracking);
    },
  };
}
