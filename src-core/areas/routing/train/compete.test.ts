import { existsSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { measureView } from "../assess/measure-view.ts";
import { familySignature } from "../assess/view-task.ts";
import { aView, type FakeAnswers, family, measuring } from "../testing/measured-views.ts";
import { compete } from "./compete.ts";

const open: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const it of open.splice(0)) await it.close();
});

async function measurer(answers: FakeAnswers) {
  const made = await measuring(answers);
  open.push(made);
  return made;
}

const [ridge, trees] = [family("ridge"), family("trees")];

test("the family with the best score out of fold wins, and every competitor is reported", async () => {
  const { it } = await measurer({ fold: (name) => ({ error: name === "trees" ? 0.5 : 1 }) });
  const view = aView();
  const winner = await compete(view, [ridge, trees], it);
  expect(winner.family).toBe(trees);
  expect(winner.rows).toBe(100);
  expect(winner.competition.map((one) => [one.family, one.note])).toEqual([
    ["ridge", null],
    ["trees", null],
  ]);
  expect(winner.competition[1]?.score).toBeGreaterThan(winner.competition[0]?.score ?? 1);
  expect(winner.heldOut).toEqual([0, 1, 2, 3, 4].map((fold) => view.paths.heldOut(familySignature(view, trees), fold)));
  expect(winner.heldOut.every((file) => existsSync(file))).toBe(true);
});

test("among equal scores the first by name wins, whatever the order", async () => {
  const { it } = await measurer({ fold: () => ({ error: 1 }) });
  expect((await compete(aView(), [trees, ridge], it)).family).toBe(ridge);
});

test("one that failed takes part with its reason", async () => {
  const { it } = await measurer({ fold: (name) => (name === "ridge" ? { failure: "one class" } : { error: 3 }) });
  const winner = await compete(aView(), [ridge, trees], it);
  expect(winner.family).toBe(trees);
  expect(winner.competition[0]).toEqual({ family: "ridge", score: null, note: "one class" });
});

test("only the requested ones compete", async () => {
  const { it, tasks } = await measurer({ fold: (name) => ({ error: name === "trees" ? 0.5 : 1 }) });
  expect((await compete(aView(), [ridge], it)).family).toBe(ridge);
  expect(tasks.filter((task) => task.includes("trees"))).toEqual([]);
});

test("what the assessment measured isn't measured again", async () => {
  const { it, tasks } = await measurer({});
  const view = aView();
  const evidence = await measureView(view, it);
  tasks.length = 0;
  const winner = await compete(view, [ridge, trees], it);
  expect(tasks).toEqual([]);
  expect(winner.family.name).toBe(evidence.best_family);
});

test("no family that could be fitted is an error with the reason for each", async () => {
  const { it } = await measurer({ fold: (name) => ({ failure: `${name} diverged` }) });
  await expect(compete(aView(), [ridge, trees], it)).rejects.toMatchObject({
    code: "training/failed",
    message: "No family of delay/CS could be fitted: ridge: ridge diverged; trees: trees diverged",
  });
});

test("a view that can't be cross-validated is an error with the reason", async () => {
  const { it } = await measurer({ prepared: { folds: 1, note: "one group only" } });
  const view = aView({ segment: { column: "carrier", value: "OO" } });
  await expect(compete(view, [ridge], it)).rejects.toMatchObject({
    code: "training/failed",
    message: "delay/OO can't be cross-validated: one group only.",
  });
});
