import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { madeProject } from "../../../../test/support/made-project.ts";
import type { TrainingPlan } from "../../../contract/routing/routing-plans.ts";
import type { Core } from "../../../foundation/context.ts";
import { projectPaths } from "../../../foundation/files/paths.ts";
import { decision, planInput } from "../testing/plan-samples.ts";
import { comparePlans } from "./compare-plans.ts";
import { publishPlan } from "./plan-files.ts";
import { masterFile, trainingPlanFiles } from "./text/plan-views.ts";
import { buildTrainingPlan } from "./training-plan.ts";

let root: string;
let core: Pick<Core, "project" | "projectDir">;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "signalbox-compare-"));
  core = { projectDir: root, project: () => madeProject(root) };
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const planWith = (ua: "STRONG" | "DISALLOWED", config_hash: string): TrainingPlan => {
  const input = planInput([decision("late", "STRONG", { AA: "STRONG", UA: ua })]);
  return buildTrainingPlan({ ...input, inputs: { ...input.inputs, config_hash } });
};
const [one, two] = [planWith("DISALLOWED", "1".repeat(64)), planWith("STRONG", "2".repeat(64))];

/** Without the router's inputs, plans are compared by their own content. */
const missing = (): never => {
  throw new Error("no such input");
};
const needs = { policy: missing, targets: missing };
const compared = (requested: Parameters<typeof comparePlans>[2]) => comparePlans(core, needs, requested);

let published = 0;
function publish(plan: TrainingPlan): void {
  const { folder } = publishPlan(projectPaths(root).trainingPlan, trainingPlanFiles(plan));
  published += 1;
  utimesSync(path.join(folder, masterFile), published, published);
}

describe("two plans", () => {
  test("are the previous and the current one by default: added jobs, what changed and why", async () => {
    publish(one);
    publish(two);
    const diff = await compared({});
    expect(diff.from.startsWith(one.metadata.plan_hash.slice(0, 12))).toBe(true);
    expect(diff.to.startsWith(two.metadata.plan_hash.slice(0, 12))).toBe(true);
    expect(diff.inputs).toEqual([
      { input: "the policy (configs/routing.yaml)", from: "1".repeat(64), to: "2".repeat(64) },
    ]);
    const added = diff.rows.filter(({ change }) => change === "added");
    expect(added.map(({ target, symbol, job, what }) => [target, symbol, job, what])).toEqual([
      ["late", "UA", "symbol_specific", "ROUTE_BOTH"],
      ["late", "UA", "ensemble", "ROUTE_BOTH"],
    ]);
    expect(added.every(({ why }) => why !== "")).toBe(true);
  });

  test("are found by file, folder or the start of a hash", async () => {
    publish(one);
    publish(two);
    const file = path.join(root, "old.json");
    const [master] = trainingPlanFiles(one).filter((it) => it.path === masterFile);
    writeFileSync(file, master?.text ?? "");
    const expected = await compared({});
    expect(await compared({ from: file })).toEqual(expected);
    expect(await compared({ from: one.metadata.plan_hash.slice(0, 6), to: projectPaths(root).trainingPlan })).toEqual(
      expected,
    );
    const back = await compared({ from: two.metadata.plan_hash, to: one.metadata.plan_hash });
    expect(back.rows.filter(({ change }) => change === "removed")).toHaveLength(2);
  });

  test("that are equal have no difference", async () => {
    publish(one);
    expect(await compared({ from: one.metadata.plan_hash })).toMatchObject({ inputs: [], rows: [] });
  });
});

describe("a plan that doesn't exist", () => {
  test("is reported with the plans that are kept", async () => {
    publish(one);
    await expect(compared({ from: "beef1234" })).rejects.toThrow(
      expect.objectContaining({
        code: "routing/plan-missing",
        hint: expect.stringContaining(one.metadata.plan_hash.slice(0, 12)),
      }),
    );
    // Three digits are too few to identify one.
    await expect(compared({ from: one.metadata.plan_hash.slice(0, 3) })).rejects.toThrow("neither the file of a plan");
  });

  test("is the one before the first, or any if there is no plan", async () => {
    await expect(compared({})).rejects.toThrow(expect.objectContaining({ code: "routing/plan-missing" }));
    publish(one);
    await expect(compared({})).rejects.toThrow("no previous plan");
  });

  test("is distinguished from one that is corrupt", async () => {
    publish(one);
    const file = path.join(root, "broken.json");
    writeFileSync(file, "{");
    await expect(compared({ from: file })).rejects.toThrow(expect.objectContaining({ code: "routing/plan-corrupt" }));
  });
});
