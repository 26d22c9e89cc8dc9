import type { Core, Offers } from "../../foundation/context.ts";

/** Dependencies of splits. */
export interface SplitsCore extends Pick<Core, "node" | "place" | "project" | "projectDir"> {
  readonly configs: Pick<Offers["configs"], "resolve" | "frozenReferences" | "freezeReference">;
  readonly versioning: Pick<Offers["versioning"], "restore">;
}
