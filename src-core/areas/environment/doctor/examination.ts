import type { Check } from "../../../contract/environment.ts";
import type { NextStep } from "../../../contract/next-step.ts";
import type { Core, Offers } from "../../../foundation/context.ts";

/** What the checks need. */
export interface DoctorCore
  extends Pick<Core, "catalogue" | "env" | "home" | "project" | "projectDir" | "tracking" | "trackingFlag"> {
  readonly configs: Pick<Offers["configs"], "changedVersions" | "frozenReferences" | "missingActive">;
  readonly ledger: Pick<Offers["ledger"], "read">;
  readonly ownership: Pick<Offers["ownership"], "check">;
  readonly versioning: Pick<Offers["versioning"], "missing">;
}

/** Input of a check of `doctor`. */
export interface Examination {
  readonly core: DoctorCore;
  readonly signal: AbortSignal;
}

export type Examiners = Readonly<Record<string, (examination: Examination) => Finding | Promise<Finding>>>;

/** Result of a check. Its `fix` is only advice; the actions are added in words when all checks are collected. */
export interface Finding extends Omit<Check, "actions"> {
  readonly actions?: readonly NextStep[];
}
