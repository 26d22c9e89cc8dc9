import type { Core, Offers, Tracking } from "../../foundation/context.ts";
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

/** What wiring composes for the outbox: each kind of item is sent by the area that owns its facts. */
export interface OutboxNeeds {
  readonly deliverers: (tracking: Tracking, options: DeliveryOptions) => Promise<readonly Deliverer[]>;
}

/** Dependencies of the outbox. */
export interface OutboxCore extends Pick<Core, "catalogue" | "clock" | "tracking"> {
  /** Settling puts the unsent items of killed processes. */
  readonly runs: Pick<Offers["runs"], "settle">;
}
