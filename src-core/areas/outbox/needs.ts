import type { Core, Tracking } from "../../foundation/context.ts";
import type { OutboxItem } from "./store.ts";

/**
 * `delivered`: it was sent, or no longer needs to be. `waiting`: this command can't send it (it is for another server, a process still uses
 * it, or only a command about production may send it).
 */
export type Delivery = "delivered" | "waiting";

/** Sends the items of one kind. The area that owns the facts provides it. */
export interface Deliverer {
  readonly kind: string;
  /** May be repeated after a lost response, so a second delivery must change nothing. */
  readonly deliver: (item: OutboxItem) => Promise<Delivery>;
}

export interface DeliveryOptions {
  /** True if the user wants everything to be sent now, including postponed items and moves of production. */
  readonly isUrged: boolean;
}

/** Dependencies of the outbox. */
export interface OutboxNeeds {
  readonly deliverers: (tracking: Tracking, options: DeliveryOptions) => Promise<readonly Deliverer[]>;
  /** Puts the unsent items of killed processes. */
  readonly settle: () => Promise<void>;
}

export type OutboxCore = Pick<Core, "catalogue" | "clock" | "tracking">;
