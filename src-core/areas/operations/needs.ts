import type { Core, Offers } from "../../foundation/context.ts";

/** Dependencies of the supervisor's loop. */
export interface SupervisorCore extends Pick<Core, "catalogue" | "clock" | "projectDir"> {
  /** The processes that operations started and that outlive the supervisor. */
  readonly jobs: Pick<Offers["jobs"], "settleDead" | "cancelOf">;
}
