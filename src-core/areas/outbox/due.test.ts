import { expect, test } from "vitest";
import { dueItems, nextDueAt, stateOf } from "./due.ts";
import type { OutboxItem } from "./store.ts";

const minute = 60_000;

function item(it: Partial<OutboxItem>): OutboxItem {
  const fresh = { kind: "k", subject: "s", payload: {}, putAt: 0, dueAt: 0 };
  return { ...fresh, tried: 0, triedAt: null, error: null, doneAt: null, ...it };
}

test("an item is due, then tried, then done", () => {
  expect(stateOf(item({}))).toBe("due");
  expect(stateOf(item({ tried: 2 }))).toBe("tried");
  expect(stateOf(item({ tried: 2, doneAt: 7 }))).toBe("done");
});

test.each(["tracking/unreachable", "tracking/server-failed", "tracking/denied", "internal/cancelled"])(
  "after %s the next command tries again",
  (code) => expect(nextDueAt({ code, tried: 5, now: 100 })).toBe(100),
);

test("an item that a working server refuses pauses twice as long each time, up to a day", () => {
  const pauses = [1, 2, 3, 11, 12, 5_000].map((tried) => nextDueAt({ code: "tracking/rejected", tried, now: 0 }));
  expect(pauses).toEqual([minute, 2 * minute, 4 * minute, 1_024 * minute, 1_440 * minute, 1_440 * minute]);
});

test("only due items are sent, unless the user requests all of them", () => {
  const items = [item({ subject: "now" }), item({ subject: "later", dueAt: 9 }), item({ subject: "sent", doneAt: 1 })];
  const subjects = (isUrged: boolean) => dueItems(items, { now: 8, isUrged }).map(({ subject }) => subject);
  expect(subjects(false)).toEqual(["now"]);
  expect(subjects(true)).toEqual(["now", "later"]);
});
