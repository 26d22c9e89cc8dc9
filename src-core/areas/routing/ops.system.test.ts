import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../../../test/support/mlflow-server.ts";
import { projectId } from "../../../test/support/plain-project.ts";
import { contentsOf, type ProjectApp, projectApp } from "../../../test/support/project-app.ts";
import type { Progress } from "../../contract/operation.ts";
import { createMlflowClient } from "../../foundation/mlflow/client.ts";
import { projectIdTag } from "../../foundation/mlflow/project-tags.ts";
import { initDvc } from "../versioning/init-dvc.ts";
import { routedProject } from "./testing/routed-project.ts";

/** One target and one family that a small table tells enough of; its segments are assessed and not trained by themselves. */
const described = `version: 2
name: shops
id: ${projectId}
type: mlflow_model
task: regression
master: data/master.parquet
target: sales
targets:
  - { name: sales, column: sales, task: regression, families: [ridge] }
segments: { column: shop }
families:
  ridge: {}
`;
const every = "[STABLE, DRIFTING, UNKNOWN, DIVERGED]";
const policy = `version: 1
min_sample_size: { cross_sectional: 500, symbol: 100 }
both_strong_behavior: PREFER_CS
stability_allowlist: { cross_sectional: ${every}, symbol: ${every} }
`;

let server: TestServer;
let app: ProjectApp;
const inProject = (name: string) => path.join(app.core.projectDir, name);

beforeAll(async () => {
  server = await startTestServer();
  const project = await routedProject({ signalbox: described, policy });
  initDvc(project, { isNoScm: true });
  app = projectApp(project, { env: { MLFLOW_TRACKING_URI: server.uri } });
  // What is measured here takes the place of the made-up table.
  rmSync(inProject("metrics/routing"), { recursive: true });
});
afterAll(async () => {
  await app?.close();
  await server?.close();
  if (app !== undefined) rmSync(app.core.projectDir, { recursive: true, force: true });
});

// One story in order: measure, then all in one go, then nothing left to do.
describe("routing with one family on three segments", () => {
  it("assesses every view by itself, in folds of the train side", async () => {
    const said: Progress[] = [];
    const assessed = await app.call("routing.assess", { format: "csv" }, { report: (it) => void said.push(it) });
    expect(assessed.reused).toBe(0);
    expect(assessed.candidatesFile).toMatch(/metrics\/routing\/routing_candidates\.csv$/);
    expect(assessed.views.map((view) => view.symbol)).toEqual([null, "north", "south", "tiny"]);
    const [pooled, north, south, tiny] = assessed.views;
    expect((north?.rows ?? 0) + (south?.rows ?? 0) + (tiny?.rows ?? 0)).toBe(pooled?.rows);
    const { rowCounts } = await app.call("splits.show", {});
    expect(pooled?.rows).toBe(rowCounts.train);
    // Area and staff make three fifths of the variance of sales; the rest is noise.
    expect(pooled).toMatchObject({ bestFamily: "ridge", leakage: "SAFE", families: [{ family: "ridge", folds: 5 }] });
    expect(pooled?.score).toBeGreaterThan(0.5);
    expect(pooled?.score).toBeLessThan(0.7);
    expect(pooled?.low).toBeLessThan(pooled?.score ?? 0);
    expect(said.map((it) => it.stage)).toContain("assess");
  });

  it("trains in one go what the evidence leads to, on the evidence that is there", async () => {
    const done = await app.call("routing.run", {});
    expect(done.assessed.reused).toBe(done.assessed.results);
    expect(done.routes).toMatchObject({ ROUTE_CROSS_SECTIONAL: 3, ROUTE_BOTH: 0, ROUTE_SYMBOL_SPECIFIC: 0 });
    expect(done.plan).toMatchObject({ jobs: 1, skipped: 0 });
    expect(done.training).toMatchObject({
      ...{ isDryRun: false, planHash: done.plan.planHash, file: "metrics/routing/training_report.md" },
      counts: { planned: 1, selected: 1, trained: 1, reused: 0, promoted: 1, failed: 0, skipped: 0 },
      jobs: [
        {
          target: "sales",
          symbol: null,
          state: "succeeded",
          why: null,
          family: "ridge",
          runNumber: 1,
          verdict: "PROMOTE",
        },
      ],
    });
    expect(readFileSync(inProject("metrics/routing/training_report.md"), "utf8")).toContain("1 trained");
    const [job] = done.training.jobs;
    const { runs } = await app.call("runs.list", {});
    expect(runs).toMatchObject([{ runId: job?.runId, plan: { jobId: job?.jobId, target: "sales", symbol: null } }]);
    expect(await app.call("routing.queue", {})).toMatchObject({
      ...{ planHash: done.plan.planHash, isWorking: false, jobs: [{ jobId: job?.jobId, state: "succeeded" }] },
    });
  });

  it("finds the same plan and its job trained before", async () => {
    const { planHash } = await app.call("routing.planShow", {});
    expect((await app.call("routing.planBuild", {})).planHash).toBe(planHash);
    expect(await app.call("routing.planCheck", {})).toMatchObject({ planHash, jobs: 1 });
    const again = await app.call("routing.train", {});
    expect(again.counts).toMatchObject({ selected: 1, trained: 0, reused: 1, failed: 0 });
    expect((await app.call("runs.list", {})).total).toBe(1);
  });

  it("explains the route by the evidence that was measured, which changes nothing", async () => {
    const before = contentsOf(app);
    const { evidence, route } = await app.call("routing.explain", { target: "sales", segment: "north" });
    expect(route).toBe("ROUTE_CROSS_SECTIONAL");
    expect(evidence.filter((line) => line.startsWith("north: families ridge"))).toHaveLength(1);
    const asked = await app.call("routing.whatIf", { set: { both_strong_behavior: "ROUTE_BOTH" } });
    expect(asked).toMatchObject({ jobsBefore: 1, jobsAfter: 5 });
    expect(asked.cpuHoursAfter).toBeGreaterThan(asked.cpuHoursBefore ?? Number.POSITIVE_INFINITY);
    expect(contentsOf(app)).toEqual(before);
  });

  it("measures nothing again where nothing changed, and writes the table in the form asked for", async () => {
    const assessed = await app.call("routing.assess", {});
    expect(assessed.reused).toBe(assessed.results);
    const written = ["csv", "parquet"].map((form) =>
      existsSync(inProject(`metrics/routing/routing_candidates.${form}`)),
    );
    expect(written).toEqual([false, true]);
  });

  it("trains under names of the project alone: one job's name that is another's stops them all before the training", async () => {
    const client = createMlflowClient({ uri: server.uri });
    const names = ["shops_training", "shops_training.sales"];
    const marks = async () => (await client.experimentsTagged(projectIdTag, projectId)).map(({ name }) => name);
    expect(await marks()).toEqual(names);
    expect((await client.getRegisteredModel("shops.sales"))?.tags[projectIdTag]).toBe(projectId);
    const job = await client.findExperiment("shops_training.sales");
    await client.setExperimentTags(job?.experimentId ?? "", { [projectIdTag]: "0".repeat(32) });
    for (const input of [{ fresh: true }, { dryRun: true }])
      await expect(app.call("routing.train", input)).rejects.toMatchObject({
        code: "projects/foreign",
        message: expect.stringContaining("The experiment 'shops_training.sales'"),
      });
    expect((await app.call("runs.list", {})).total).toBe(1);
    // The project's own name, which is known before anything is measured.
    const own = await client.findExperiment("shops_training");
    await client.setExperimentTags(own?.experimentId ?? "", { [projectIdTag]: "0".repeat(32) });
    const said: Progress[] = [];
    await expect(
      app.call("routing.run", { fresh: true }, { report: (it) => void said.push(it) }),
    ).rejects.toMatchObject({
      code: "projects/foreign",
    });
    expect(said).toEqual([]);
    client.close();
  });
});
