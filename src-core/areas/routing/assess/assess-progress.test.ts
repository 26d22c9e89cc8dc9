import { describe, expect, test } from "vitest";
import type { Progress } from "../../../contract/operation.ts";
import { aView, delay, family } from "../testing/measured-views.ts";
import { assessProgress } from "./assess-progress.ts";

/** Two views of one family each: 1 + 5 tasks expected of each. */
function started(rows: readonly number[] = [9_500, 500]) {
  const views = rows.map((count) => ({ rows: count, view: aView({ target: delay([family("ridge")]) }) }));
  const reports: Progress[] = [];
  let time = 0;
  const progress = assessProgress(views, { report: (it) => void reports.push(it) }, () => time);
  const [large, small] = views.map(({ view }) => view);
  if (large === undefined || small === undefined) throw new Error("Two views are needed.");
  return {
    ...{ progress, reports, large, small },
    pass: (seconds: number) => {
      time += seconds * 1_000;
    },
  };
}

const task = { isReused: false, what: "delay/CS: ridge, fold 1 of 5" };
const reused = { ...task, isReused: true };

describe("the progress of an assessment", () => {
  test("counts tasks of those that are expected", () => {
    const { progress, reports, large } = started();
    progress.task(large, task);
    expect(reports).toEqual([expect.objectContaining({ stage: "assess", done: 1, total: 12, unit: "results" })]);
  });

  test("expects the tasks a view really has once they are known", () => {
    const { progress, reports, large, small } = started();
    progress.tasks(small, 1);
    progress.task(large, task);
    expect(reports.at(-1)?.total).toBe(7);
  });

  test("never reports more done than exist", () => {
    const { progress, reports, large, small } = started();
    progress.tasks(small, 1);
    progress.tasks(large, 1);
    for (let count = 0; count < 4; count++) progress.task(large, task);
    for (const { done = 0, total = 0 } of reports) expect(done).toBeLessThanOrEqual(total);
  });

  test("reports how much was reused, in total and in progress", () => {
    const { progress, reports, large, small } = started();
    progress.task(large, reused);
    progress.task(small, task);
    expect(reports[0]?.message).toBe("delay/CS: ridge, fold 1 of 5, 1 reused");
    expect(progress.sum()).toEqual({ done: 2, reused: 1 });
  });
});

describe("the time that is left", () => {
  test("isn't reported before something was measured: reused results take no time", () => {
    const { progress, reports, large, pass } = started();
    pass(100);
    progress.task(large, reused);
    expect(reports[0]?.message).not.toContain("left");
  });

  test("is by rows: a fold of a large view takes longer than one of a small view", () => {
    const { progress, reports, large, small, pass } = started();
    progress.task(large, task);
    pass(10);
    progress.task(large, task);
    // One of weight 10,000 in the 10 s since the first ended; four more of them and six of weight 1,000 are left.
    expect(reports.at(-1)?.message).toContain("about 46 s left");
    for (let count = 0; count < 6; count++) progress.task(small, task);
    expect(reports.at(-1)?.message).toMatch(/about \d+ s left/);
  });

  test("is in minutes when it is long, and at least a second", () => {
    const { progress, reports, large, small, pass } = started();
    progress.task(large, task);
    pass(600);
    progress.task(large, task);
    expect(reports.at(-1)?.message).toContain("about 46 min left");
    for (let count = 0; count < 4; count++) progress.task(large, task);
    for (let count = 0; count < 6; count++) progress.task(small, task);
    expect(reports.at(-1)?.message).toContain("about 1 s left");
  });
});
