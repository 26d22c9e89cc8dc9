import type { Core } from "../../../foundation/context.ts";

/** What one check of `doctor` gets. */
export interface Examination {
  readonly core: Core;
  readonly signal: AbortSignal;
}
