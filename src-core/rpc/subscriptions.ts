import type { Subject } from "../contract/operation.ts";
import type { FaceMessage, FeedEvent, FeedPosition } from "./wire.ts";

export interface Subscribing {
  readonly project?: string;
  /** All of them when absent. */
  readonly subjects?: readonly Subject[];
  /** How often the core checks: 250 ms by default, a second for what isn't on the screen. */
  readonly intervalMs?: number;
  readonly onEvent: (event: FeedEvent) => void;
}

export interface Subscription {
  setInterval(intervalMs: number): void;
  close(): void;
}

interface Kept extends Subscribing {
  readonly project: string;
  position: FeedPosition | undefined;
}

/** The subscriptions of a client; each is taken up again where it had read to. */
export function subscriptionTable(send: (message: FaceMessage) => boolean) {
  const table = new Map<number, Kept>();
  const messageOf = (id: number, { project, subjects, intervalMs, position }: Kept): FaceMessage => ({
    kind: "subscribe",
    id,
    project,
    ...(subjects === undefined ? {} : { subjects }),
    ...(intervalMs === undefined ? {} : { intervalMs }),
    ...(position === undefined ? {} : { since: position }),
  });
  return {
    add: (id: number, subscribing: Subscribing & { readonly project: string }): Subscription => {
      table.set(id, { ...subscribing, position: undefined });
      send(messageOf(id, { ...subscribing, position: undefined }));
      return {
        setInterval: (intervalMs) => {
          const kept = table.get(id);
          if (kept === undefined) return;
          const changed = { ...kept, intervalMs };
          table.set(id, changed);
          send(messageOf(id, changed));
        },
        close: () => {
          if (table.delete(id)) send({ kind: "unsubscribe", id });
        },
      };
    },
    take: (id: number, event: FeedEvent): void => {
      const kept = table.get(id);
      if (kept === undefined) return;
      kept.position = { epoch: event.epoch, seq: event.seq };
      if (event.mustRefetch || event.changes.length > 0) kept.onEvent(event);
    },
    resumed: (): readonly FaceMessage[] => [...table].map(([id, kept]) => messageOf(id, kept)),
  };
}
