import type { ModelsOffer, OwnershipOffer } from "../../foundation/context.ts";
import type { OwnershipCore, TrackingCore } from "./needs.ts";

export function modelsOffer(core: Pick<TrackingCore, "catalogue" | "clock" | "ownership">): ModelsOffer {
  return {
    register: async (tracking, model) => {
      const { registerTrained } = await import("./register.ts");
      return (await registerTrained(core, tracking, model)).version;
    },
  };
}

export function ownershipOffer(core: OwnershipCore): OwnershipOffer {
  const load = () => import("./ownership/claim.ts");
  return {
    check: async (tracking, names) => void (await (await load()).checkNames(core, tracking, names)),
    areTaken: async ({ client }, names) => {
      const { findNamed } = await import("./ownership/names.ts");
      const { experiment, model } = await findNamed(client, names);
      return experiment !== undefined || model !== undefined;
    },
    checkRun: async (tracking, run) => (await load()).checkRun(core, tracking, run),
    claimExperiment: async (tracking, names) => await (await load()).claimExperiment(core, tracking, names),
    claimModel: async (tracking, names) => await (await load()).claimModel(core, tracking, names),
  };
}
