import type { Core, Tracking } from "../../foundation/context.ts";
import type { OutboxItem } from "./store.ts";

/**
 * `delivered`: it was sent, or needs no sending any more. `waiting`: not to be sent by this command (its server is another one, a process
 * still works on it, or only a command about production may do it).
 */
export type Delivery = "delivered" | "waiting";

/** Sends the items of one kind. The area whose facts they are provides it. */
export interface Deliverer {
  readonly kind: string;
  /** May be repeated after a lost answer: a second delivery must change nothing. */
  readonly deliver: (item: OutboxItem) => Promise<Delivery>;
}

export interface DeliveryOptions {
  /** True where a person wants everything to be sent now: what a failure postponed, and moves of production. */
  readonly isUrged: boolean;
}

/** What the outbox is handed. */
export interface OutboxNeeds {
  readonly deliverers: (tracking: Tracking, options: DeliveryOptions) => Promise<readonly Deliverer[]>;
  /** Puts what killed processes left to be sent. */
  readonly settle: () => Promise<void>;
}

export type OutboxCore = Pick<Core, "catalogue" | "clock" | "tracking">;
