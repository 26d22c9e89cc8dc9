import { rmSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { plainProject } from "../../../test/support/plain-project.ts";
import { contentsOf, type ProjectApp, projectApp } from "../../../test/support/project-app.ts";
import { recordRun } from "../../../test/support/recorded/recorded-runs.ts";

let app: ProjectApp;
beforeEach(() => {
  app = projectApp(plainProject());
  recordRun(app.core, { runId: "aaaa1111", rmse: 2 });
  recordRun(app.core, { runId: "bbbb2222", until: "train" });
});
afterEach(async () => {
  await app.close();
  rmSync(app.core.projectDir, { recursive: true, force: true });
});

describe("the metrics of a run", () => {
  it("are each test's figures with interval, direction and unit, under the test's name", async () => {
    const { runId, rows, history } = await app.call("evaluation.metrics", { run: "#1" });
    expect([runId, history]).toEqual(["aaaa1111", []]);
    const method = "percentile bootstrap, 999 replicates";
    const common = { direction: "lower", unit: "target", method, note: null, whyNoInterval: null } as const;
    expect(rows).toEqual([
      { metric: "reference_rmse", test: "reference", name: "rmse", value: 2, low: 1.5, high: 2.5, n: 80, ...common },
      {
        metric: "reference_mae",
        test: "reference",
        name: "mae",
        value: 1,
        low: 0.5,
        high: 1.5,
        n: 80,
        ...common,
        note: "by rows alone",
      },
      { metric: "recent_rmse", test: "recent", name: "rmse", value: 3, low: 2.5, high: 3.5, n: 20, ...common },
    ]);
  });

  it("are those of one test where it is named, and none of a test that isn't there", async () => {
    const of = async (test: string) => (await app.call("evaluation.metrics", { run: "aaaa", test })).rows;
    expect((await of("recent")).map((row) => row.metric)).toEqual(["recent_rmse"]);
    expect(await of("nowhere")).toEqual([]);
  });

  it("come with the training's by step where those are asked for", async () => {
    const { rows, history } = await app.call("evaluation.metrics", { run: "latest", history: true });
    expect(rows).toEqual([]);
    expect(history).toEqual([
      { metric: "train_loss", step: 0, value: 9 },
      { metric: "train_loss", step: 1, value: 4 },
    ]);
  });

  it("are looked at without changing anything, and of no run that isn't there", async () => {
    const before = contentsOf(app);
    await app.call("evaluation.metrics", { history: true });
    expect(contentsOf(app)).toEqual(before);
    await expect(app.call("evaluation.metrics", { run: "#9" })).rejects.toMatchObject({ code: "runs/not-found" });
  });
});
