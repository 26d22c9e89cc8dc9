import type { EnvironmentOffer } from "../../foundation/context.ts";
import type { DoctorCore } from "./doctor/examination.ts";

export function environmentOffer(core: DoctorCore): EnvironmentOffer {
  return {
    problems: async (signal) => (await import("./doctor/glance.ts")).problemsAtAGlance(core, signal),
  };
}
