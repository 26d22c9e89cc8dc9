import type { OutboxOffer } from "../../foundation/context.ts";
import { dueItems } from "./due.ts";
import type { OutboxCore, OutboxNeeds } from "./needs.ts";
import { pendingItems } from "./store.ts";

export function outboxOffer(core: Omit<OutboxCore, "runs">, needs: OutboxNeeds): OutboxOffer {
  const deliver: OutboxOffer["deliver"] = async (tracking) => {
    const { deliverDue } = await import("./deliver.ts");
    const options = { isUrged: false };
    await deliverDue(core, await needs.deliverers(tracking, options), options);
  };
  return {
    deliver,
    deliverIfUp: async () => {
      const due = dueItems(pendingItems(core.catalogue()), { now: core.clock.now().getTime(), isUrged: false });
      if (due.length === 0) return;
      const tracking = await core.tracking({ isOnlyAsked: true }).catch(() => undefined);
      if (tracking !== undefined) await deliver(tracking);
    },
  };
}
