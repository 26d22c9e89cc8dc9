import type { Core, OperationsOffer } from "../../foundation/context.ts";
import { activeOperations } from "./active-store.ts";
import { linkRun, workingOperation } from "./link-run.ts";

export function operationsOffer(
  core: Pick<Core, "projectDir" | "catalogue" | "clock" | "env" | "node">,
): OperationsOffer {
  return {
    cancel: async (id) => {
      const { cancelOperation } = await import("./operations.ts");
      await cancelOperation(core, id);
    },
    active: async () => await shownActive(core),
    linkRun: (runId) => linkRun(core.catalogue(), runId),
    working: () => workingOperation(core.catalogue()),
  };
}

/** Checks for a living supervisor only where its end would have lost credentials: that takes code which a quick look needn't load. */
async function shownActive(core: Pick<Core, "projectDir" | "catalogue">): ReturnType<OperationsOffer["active"]> {
  const active = activeOperations(core.catalogue());
  const areHeld = active.some(({ credentials }) => credentials === "given")
    ? (await import("./start-supervisor.ts")).isSupervised(core)
    : false;
  return active.map(({ credentials, ...it }) => ({
    ...it,
    needsCredentials: credentials === "needed" || (credentials === "given" && !areHeld),
  }));
}
