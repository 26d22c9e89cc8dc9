import type { Core, OperationsOffer } from "../../foundation/context.ts";
import { linkRun, workingOperation } from "./link-run.ts";

export function operationsOffer(
  core: Pick<Core, "projectDir" | "catalogue" | "clock" | "env" | "node">,
): OperationsOffer {
  return {
    cancel: async (id) => {
      const { cancelOperation } = await import("./operations.ts");
      await cancelOperation(core, id);
    },
    linkRun: (runId) => linkRun(core.catalogue(), runId),
    working: () => workingOperation(core.catalogue()),
  };
}
