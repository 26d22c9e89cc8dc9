import type { Core, Offers } from "../../foundation/context.ts";

/** Dependencies of versioning. */
export interface VersioningCore extends Pick<Core, "env" | "projectDir"> {
  readonly configs: Pick<Offers["configs"], "refuseEarlierProject">;
  /** A frozen reference test is never recorded again. */
  readonly splits: Pick<Offers["splits"], "refuseChangedReference">;
}
