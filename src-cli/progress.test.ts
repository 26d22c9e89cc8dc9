import { describe, expect, it } from "vitest";
import { humanProgress } from "./progress.ts";

/** A stream that records, and a clock and a timer that the test controls. */
function face(isTTY: boolean) {
  let text = "";
  let now = 0;
  let tick: (() => void) | undefined;
  const stream = { isTTY, write: (it: string) => (text += it) } as unknown as NodeJS.WriteStream;
  const view = humanProgress(
    stream,
    { width: 80, hasColor: false, now: 0 },
    {
      now: () => now,
      every: (_ms, callback) => {
        tick = callback;
        return () => {
          tick = undefined;
        };
      },
    },
  );
  return {
    view,
    text: () => text,
    pass: (ms: number) => {
      now += ms;
      tick?.();
    },
    isTicking: () => tick !== undefined,
  };
}

describe("progress for the user", () => {
  it("shows a bar with what it counts, and removes it without a trace", () => {
    const { view, text, pass, isTicking } = face(true);
    view.show({ stage: "train", state: "started" });
    view.show({ stage: "train", done: 50, total: 200, unit: "iterations" });
    pass(1_500);
    expect(text()).toBe(`… train          1.5 s  █████${"░".repeat(15)}  25 % 50 of 200 iterations`);
    view.show({ stage: "train", state: "finished", elapsedMs: 2_000, message: "done" });
    expect(text().split("\r\u001b[2K").at(-1)).toBe("✓ train          2.0 s  done\n");
    expect(isTicking()).toBe(false);
  });

  it("shows what is written so far as a size, without a total, and one of a thing in the singular", () => {
    const { view, text, pass } = face(true);
    view.show({ stage: "train", state: "started" });
    view.show({ stage: "train", message: "writing the model" });
    view.show({ stage: "train", done: 300 << 20, unit: "bytes" });
    pass(100);
    expect(text().split("\r\u001b[2K").at(-1)).toBe("… train         100 ms  300 MiB writing the model");
    view.show({ stage: "evaluate", done: 0, total: 1, unit: "tests" });
    pass(100);
    expect(text().split("\r\u001b[2K").at(-1)).toContain("0 of 1 test");
    expect(text()).not.toContain("1 tests");
  });

  it("drops the bar when the next phase of the stage begins", () => {
    const { view, text, pass } = face(true);
    view.show({ stage: "train", done: 200, total: 200, unit: "iterations" });
    view.show({ stage: "train", message: "writing the model" });
    pass(100);
    expect(text()).toContain("writing the model");
    expect(text()).not.toContain("█");
  });

  it("reports at intervals without a terminal, in whole lines and without escapes", () => {
    const { view, text, pass } = face(false);
    view.show({ stage: "train", state: "started" });
    view.show({ stage: "train", message: "fitting" });
    expect(text()).toBe("");
    pass(10_000);
    expect(text()).toBe("… train         10.0 s  fitting\n");
    view.show({ stage: "train", state: "failed", message: "x\u001b[2J" });
    expect(text()).toContain("✗ train         10.0 s  x\\x1b[2J\n");
  });

  it("marks the outcome of a job, but not the next message", () => {
    const { view, text, pass } = face(true);
    const seen = () => text().split("\r\u001b[2K").at(-1);
    const of = { stage: "train", total: 2, unit: "jobs" };
    view.show({ ...of, done: 1, outcome: "failed", message: "a: no" });
    pass(100);
    expect(seen()).toMatch(/1 of 2 jobs ✗ a: no$/);
    view.show({ ...of, done: 1 });
    pass(100);
    expect(seen()).toMatch(/1 of 2 jobs ✗ a: no$/);
    view.show({ ...of, done: 1, message: "b: fits" });
    pass(100);
    expect(seen()).toMatch(/1 of 2 jobs b: fits$/);
  });

  it("wraps a long last line beside its stage", () => {
    const { view, text } = face(false);
    view.show({ stage: "decide", state: "finished", elapsedMs: 463, message: "word ".repeat(20).trim() });
    const lines = text().trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines.every((it) => it.length <= 80)).toBe(true);
    expect(lines[1]).toMatch(/^ {24}word/);
  });
});
