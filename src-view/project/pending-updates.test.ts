import { expect, it } from "vitest";
import { paintSections } from "../../src-cli/paint-sections.ts";
import type { OutboxItemView } from "../../src-core/contract/outbox.ts";
import { pendingUpdates, sentUpdates } from "./pending-updates.ts";

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const at = new Date(now - 60_000).toISOString();
const paint = (sections: ReturnType<typeof pendingUpdates>) =>
  paintSections(sections, { width: 100, hasColor: false, now });
const item = (over: Partial<OutboxItemView> = {}): OutboxItemView => ({
  ...{ kind: "run-outcome", subject: "ab".repeat(16), state: "due", since: at, dueAt: at, tries: 0 },
  ...{ triedAt: null, doneAt: null, errorCode: null, error: null, ...over },
});
const failed = item({ state: "tried", tries: 3, errorCode: "tracking/unreachable", error: "It can't be reached." });

it("without pending updates says so in words, in both commands", () => {
  expect(paint(pendingUpdates({ total: 0, items: [] }, now))).toBe("MLflow has received every update.");
  expect(paint(sentUpdates({ delivered: 0, failed: 0, waiting: 0, items: [] }, now))).toBe(
    "✓ MLflow has received every update",
  );
});

it("lists what waits, why, and how to send it", () => {
  const text = paint(pendingUpdates({ total: 3, items: [item(), failed] }, now));
  expect(text).toMatch(/· outcome of a run +abababababab +due +0 +1 min ago/);
  expect(text).toMatch(/! outcome of a run +abababababab +tried +3 +1 min ago\n +It can't be reached\./);
  expect(text).toContain("2 of 3 updates; --limit shows more.");
  expect(text).toMatch(/Next\n +signalbox mlflow sync/);
});

it("says what was sent, what failed and what still waits", () => {
  const text = paint(sentUpdates({ delivered: 1, failed: 2, waiting: 1, items: [failed] }, now));
  expect(text).toContain("✗ 1 update sent to MLflow; 2 failed; 1 waiting for another server or a running process");
  expect(text).toContain("It can't be reached.");
});
