import type { Check } from "../../../contract/environment.ts";
import type { NextStep } from "../../../contract/next-step.ts";
import type { Core, Offers } from "../../../foundation/context.ts";

export interface DoctorCore extends Pick<Core, "catalogue" | "env" | "home" | "project" | "projectDir" | "tracking"> {
  readonly configs: Pick<Offers["configs"], "changedVersions">;
  readonly ownership: Pick<Offers["ownership"], "check">;
}

/** Input of a check of `doctor`. */
export interface Examination {
  readonly core: DoctorCore;
  readonly signal: AbortSignal;
}

/** Result of a check. Its `fix` is only advice; the actions are added in words when all checks are collected. */
export interface Finding extends Omit<Check, "actions"> {
  readonly actions?: readonly NextStep[];
}
