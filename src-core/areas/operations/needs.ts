import type { Core, Offers } from "../../foundation/context.ts";

/** Dependencies of the supervisor's loop. */
export interface SupervisorCore extends Pick<Core, "catalogue" | "clock" | "projectDir"> {
  /** The processes that operations started and that outlive the supervisor. */
  readonly jobs: Pick<Offers["jobs"], "settleDead" | "cancelOf">;
}

/** A connection to the supervisor's memory, for what is never stored. */
export interface SupervisorLine {
  /**
   * Gives the supervisor the credentials of an operation: variables by name.
   * @throws operations/other-credentials where it was started with others; rpc/closed where the supervisor has ended
   */
  readonly give: (operation: string, credentials: Readonly<Record<string, string>>) => Promise<void>;
  readonly close: () => void;
}

/** @throws operations/supervisor-unreachable */
export type OpenLine = () => Promise<SupervisorLine>;
