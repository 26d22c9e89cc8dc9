import type { Check } from "../../../contract/environment.ts";
import type { NextStep } from "../../../contract/next-step.ts";
import type { Core } from "../../../foundation/context.ts";

/** What one check of `doctor` gets. */
export interface Examination {
  readonly core: Pick<Core, "catalogue" | "env" | "home" | "project" | "projectDir">;
  readonly signal: AbortSignal;
}

/** What one check found. Its `fix` is advice in words alone: what its actions do is put into words where all checks are gathered. */
export interface Finding extends Omit<Check, "actions"> {
  readonly actions?: readonly NextStep[];
}
