import { type ErrorCode, isErrorCode } from "../../contract/errors.ts";
import type { OutboxState } from "../../contract/outbox.ts";
import type { OutboxItem } from "./store.ts";

/** Failures of the server as a whole. Nothing else can be sent to it now, and the item isn't the cause. */
const serverFailures: ReadonlySet<ErrorCode> = new Set([
  "tracking/unreachable",
  "tracking/server-failed",
  "tracking/denied",
  "tracking/not-mlflow",
  "internal/cancelled",
]);

export function isServerFailure(code: string): boolean {
  return isErrorCode(code) && serverFailures.has(code);
}

const firstPauseMs = 60_000;
const longestPauseMs = 24 * 60 * 60_000;

/**
 * Returns when an item may be tried again. After a failure of the server that is at once, so the next command tries. An item that a working
 * server refuses pauses twice as long each time, up to a day, so that it doesn't slow down every command.
 */
export function nextDueAt(it: { readonly code: string; readonly tried: number; readonly now: number }): number {
  if (isServerFailure(it.code)) return it.now;
  return it.now + Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(it.tried - 1, 30));
}

export function stateOf(item: Pick<OutboxItem, "tried" | "doneAt">): OutboxState {
  if (item.doneAt !== null) return "done";
  return item.tried > 0 ? "tried" : "due";
}

/** Selects the items to send now, oldest first. */
export function dueItems(
  items: readonly OutboxItem[],
  it: { readonly now: number; readonly isUrged: boolean },
): readonly OutboxItem[] {
  return items.filter((item) => item.doneAt === null && (it.isUrged || item.dueAt <= it.now));
}
