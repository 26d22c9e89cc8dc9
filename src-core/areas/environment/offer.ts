import type { EnvironmentOffer } from "../../foundation/context.ts";
import type { GlanceCore } from "./doctor/examination.ts";

export function environmentOffer(core: GlanceCore): EnvironmentOffer {
  return {
    problems: async (signal) => (await import("./doctor/glance.ts")).problemsAtAGlance(core, signal),
  };
}
