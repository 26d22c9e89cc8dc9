import type { Core, ModelsOffer } from "../../foundation/context.ts";

export function modelsOffer(core: Pick<Core, "catalogue" | "clock">): ModelsOffer {
  return {
    register: async (tracking, model) => {
      const { registerTrained } = await import("./register.ts");
      return (await registerTrained(core, tracking, model)).version;
    },
  };
}
