import type { Implementations } from "../../contract/operation.ts";
import type { OutboxItemView, outboxOperations } from "../../contract/outbox.ts";
import { stateOf } from "./due.ts";
import type { OutboxCore, OutboxNeeds } from "./needs.ts";
import { allItems, type OutboxItem, pendingItems } from "./store.ts";

export function outboxOps(core: OutboxCore, needs: OutboxNeeds): Implementations<typeof outboxOperations> {
  return {
    "outbox.list": async ({ limit, all }) => {
      await core.runs.settle();
      const items = all ? allItems(core.catalogue()) : pendingItems(core.catalogue());
      return { total: items.length, items: items.slice(0, limit).map(viewOf) };
    },
    "outbox.deliver": async (_, { signal }) => {
      await core.runs.settle();
      const tracking = await core.tracking({ signal });
      const { deliverDue } = await import("./deliver.ts");
      const options = { isUrged: true };
      const counts = await deliverDue(core, await needs.deliverers(tracking, options), options);
      signal.throwIfAborted();
      return { ...counts, items: pendingItems(core.catalogue()).map(viewOf) };
    },
  };
}

function viewOf(item: OutboxItem): OutboxItemView {
  const time = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    kind: item.kind,
    subject: item.subject,
    state: stateOf(item),
    since: new Date(item.putAt).toISOString(),
    dueAt: new Date(item.dueAt).toISOString(),
    tries: item.tried,
    triedAt: time(item.triedAt),
    doneAt: time(item.doneAt),
    errorCode: item.error?.code ?? null,
    error: item.error?.message ?? null,
  };
}
