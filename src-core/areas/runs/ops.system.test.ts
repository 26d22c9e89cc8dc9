import { cpSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../../../test/support/mlflow-server.ts";
import { contentsOf, type ProjectApp, projectApp } from "../../../test/support/project-app.ts";
import { smallProject } from "../../../test/support/small-project.ts";
import type { Progress } from "../../contract/operation.ts";
import type { RunReport } from "../../contract/runs.ts";
import { createMlflowClient } from "../../foundation/mlflow/client.ts";

let server: TestServer;
let app: ProjectApp;

beforeAll(async () => {
  server = await startTestServer();
  const project = await smallProject();
  app = projectApp(project, { env: { MLFLOW_TRACKING_URI: server.uri, SIGNALBOX_SUPERVISOR_IDLE_MS: "500" } });
});
afterAll(async () => {
  await app?.close();
  await server?.close();
  if (app !== undefined) rmSync(path.dirname(app.core.projectDir), { recursive: true, force: true });
});

const copyOf = ({ core }: Pick<ProjectApp, "core">) => path.join(path.dirname(core.projectDir), "copy");
const finished = ({ stages }: RunReport) => stages.filter((it) => it.state === "finished").map((it) => it.stage);
/** The stages that were done now, not found. */
const done = (said: readonly Progress[]) =>
  said.filter((it) => it.state === "started" && it.stage !== "start").map((it) => it.stage);

/** The report of the newest run once it is at work on a stage. */
async function atWorkOn(stage: string): Promise<RunReport> {
  for (;;) {
    const { total } = await app.call("runs.list", { limit: 1 });
    const report = total === 0 ? undefined : await app.call("runs.show", {});
    if (report?.stages.some((it) => it.stage === stage && it.state === "running") === true) return report;
    if (report !== undefined && report.run.status !== "RUNNING") throw new Error(`It ended: ${report.run.status}`);
    await pause(50);
  }
}

// One story in order: a run is cancelled in its training, goes on stage by stage, ends, and is made again.
describe("a run that a person cancels", () => {
  it("stops with its job, can be resumed, and its operation is cancelled too", async () => {
    const id = await app.request("runs.start", {});
    const atWork = await atWorkOn("train");
    expect((await app.call("runs.status", {})).working).toMatchObject([{ id, runId: atWork.run.runId }]);
    await expect(app.call("runs.resume", {})).rejects.toMatchObject({ code: "runs/active" });
    expect(await app.call("runs.cancel", {})).toEqual({
      ...{
        runId: atWork.run.runId,
        status: "KILLED",
        message: "Run #1 was cancelled. It can be resumed after its last finished stage.",
      },
    });
    expect(await app.call("operations.follow", { id })).toMatchObject({ state: "cancelled", runId: atWork.run.runId });
    const stopped = await app.call("runs.show", {});
    expect(stopped.run).toMatchObject({ status: "KILLED", isResumable: true, stage: "train" });
    expect(finished(stopped)).toEqual(["resolve", "start", "split", "version"]);
    expect(await app.call("runs.status", {})).toMatchObject({ working: [], settled: [], production: null });
  });
});

describe("a stage alone", () => {
  it("waits for those before it", async () => {
    await expect(app.call("runs.stage", { name: "evaluate", run: "latest" })).rejects.toMatchObject({
      code: "runs/stage-blocked",
      next: [{ operation: "runs.stage", input: { name: "train" } }],
    });
  });

  it("is run on a run that stopped, which can go on from there", async () => {
    const said: Progress[] = [];
    const input = { name: "train", run: "latest" } as const;
    const report = await app.call("runs.stage", input, { report: (it) => void said.push(it) });
    expect(done(said)).toContain("train");
    expect(finished(report)).toEqual(["resolve", "start", "split", "version", "train"]);
    const { jobs } = await app.call("runs.logs", { run: "latest", job: "train" });
    expect(jobs.map((it) => it.job)).toEqual(["train"]);
    // A copy of the project at this point: it knows of nothing that happens to the run from here on.
    cpSync(app.core.projectDir, copyOf(app), { recursive: true });
  });
});

describe("a run that goes on", () => {
  let report: RunReport;

  it("does what is left, on what is there, to a decision", async () => {
    const trained = app.core.runs.results((await app.call("runs.show", {})).run.runId).train;
    const said: Progress[] = [];
    report = await app.call("runs.resume", {}, { report: (it) => void said.push(it) });
    expect(done(said).filter((stage) => ["split", "version", "train"].includes(stage ?? ""))).toEqual([]);
    expect(report.run).toMatchObject({ number: 1, status: "FINISHED", isResumable: false, verdict: "PROMOTE" });
    expect(finished(report)).toHaveLength(7);
    expect(app.core.runs.results(report.run.runId).train).toEqual(trained);
    await expect(app.call("runs.resume", { run: "#1" })).rejects.toMatchObject({ code: "runs/not-resumable" });
  });

  it("isn't reopened by a copy in which it still is unfinished", async () => {
    const copy = projectApp(copyOf(app), { env: { MLFLOW_TRACKING_URI: server.uri } });
    const client = createMlflowClient({ uri: server.uri });
    try {
      const { runId } = report.run;
      const before = await client.getRun(runId);
      // It was cancelled once, which no longer holds.
      expect(before.tags["signalbox.error_code"]).toBe("");
      expect((await copy.call("runs.show", {})).run).toMatchObject({ runId, isResumable: true });
      await expect(copy.call("runs.resume", {})).rejects.toMatchObject({ code: "ledger/other-head" });
      // What that error advises.
      const entries = "ledger/decisions.jsonl";
      cpSync(path.join(app.core.projectDir, entries), path.join(copy.core.projectDir, entries));
      expect(await copy.call("runs.status", {})).toMatchObject({
        ledgerEntries: 1,
        production: { runId },
        runs: [{ runId, isResumable: false }],
      });
      await expect(copy.call("runs.resume", {})).rejects.toMatchObject({
        code: "runs/not-resumable",
        message: expect.stringContaining(`on ${server.uri} it is FINISHED since`),
        next: [{ operation: "runs.start", input: { new: true } }],
      });
      await copy.call("outbox.deliver", {});
      expect(await client.getRun(runId)).toEqual(before);
    } finally {
      client.close();
      await copy.close();
    }
  });

  it("has the figures that its area's operation shows, and is production at a glance", async () => {
    const { rows } = await app.call("evaluation.metrics", { run: "latest", test: "reference" });
    const reference = report.metrics.filter((it) => it.metric.startsWith("reference_"));
    expect(rows.map(({ metric, value, low, high }) => [metric, value, low, high])).toEqual(
      reference.map(({ metric, value, low, high }) => [metric, value, low, high]),
    );
    const rmse = rows.find((it) => it.metric === "reference_rmse")?.value;
    expect((await app.call("runs.list", {})).runs[0]?.primary).toEqual({ metric: "reference_rmse", value: rmse });
    expect((await app.call("runs.status", {})).production).toMatchObject({ version: "1", runId: report.run.runId });
  });

  it("is made again from its versions, and only the look at its reference test is noted", async () => {
    const { "ledger/reference_reads.jsonl": readsBefore, ...before } = contentsOf(app);
    const reproduced = await app.call("runs.reproduce", {});
    expect(reproduced).toMatchObject({ runId: report.run.runId, outcome: "reproduced", scratch: null });
    expect(reproduced.rows.filter((row) => row.outcome !== "equal")).toEqual([]);
    expect(await app.exitCode("runs.reproduce", reproduced)).toBe(0);
    const { "ledger/reference_reads.jsonl": readsAfter, ...after } = contentsOf(app);
    expect(after).toEqual(before);
    expect(readsAfter).not.toEqual(readsBefore);
    expect((await app.call("splits.show", {})).referenceReads).toBe(2);
  });
});
