import { toAppError } from "../../contract/errors.ts";
import type { Core } from "../../foundation/context.ts";
import { dueItems, isServerFailure } from "./due.ts";
import type { Deliverer, DeliveryOptions } from "./needs.ts";
import { noteDelivered, noteFailed } from "./note-attempt.ts";
import { pendingItems } from "./store.ts";

export interface DeliveryCounts {
  readonly delivered: number;
  readonly failed: number;
  readonly waiting: number;
}

/**
 * Sends the due items, each kind by its deliverer, and records the outcome. A failure never ends the command, because an item of another
 * run must not stop the current one. Stops when the server as a whole fails; the rest remain due.
 */
export async function deliverDue(
  core: Pick<Core, "catalogue" | "clock">,
  deliverers: readonly Deliverer[],
  options: DeliveryOptions,
): Promise<DeliveryCounts> {
  const counts = { delivered: 0, failed: 0, waiting: 0 };
  const now = core.clock.now().getTime();
  for (const item of dueItems(pendingItems(core.catalogue()), { now, ...options })) {
    const deliverer = deliverers.find(({ kind }) => kind === item.kind);
    if (deliverer === undefined) continue;
    try {
      const delivery = await deliverer.deliver(item);
      counts[delivery] += 1;
      if (delivery === "delivered") noteDelivered(core, item);
    } catch (thrown) {
      counts.failed += 1;
      noteFailed(core, item, thrown);
      if (isServerFailure(toAppError(thrown).code)) break;
    }
  }
  return counts;
}
