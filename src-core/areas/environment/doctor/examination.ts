import type { Core } from "../../../foundation/context.ts";

/** What one check of `doctor` gets. */
export interface Examination {
  readonly core: Pick<Core, "catalogue" | "env" | "home" | "project" | "projectDir">;
  readonly signal: AbortSignal;
}
