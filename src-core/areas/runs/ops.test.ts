import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { someCaller } from "../../../test/support/caller.ts";
import { plainProject } from "../../../test/support/plain-project.ts";
import { contentsOf, type ProjectApp, projectApp } from "../../../test/support/project-app.ts";
import { digestOf, firstStart, recordDecision, recordRun } from "../../../test/support/recorded/recorded-runs.ts";
import {
  insertOperation,
  operationState,
  requestCancel,
  setOperationRun,
  takeQueued,
} from "../operations/operation-store.ts";
import { takeRun } from "./record/owner.ts";

const [one, two, three] = ["aaaa1111", "bbbb2222", "cccc3333"];
const error = { code: "training/failed", message: "The fit didn't end.", hint: "See its log." } as const;
const now = new Date(firstStart + 3_600_000);

let app: ProjectApp;
let root: string;
const runDir = (runId: string) => path.join(root, ".signalbox", "runs", runId);

/** A promoted run, one that failed in training, and a second finished one whose seed is another. */
beforeEach(async () => {
  root = plainProject();
  app = projectApp(root, { clock: { now: () => now } });
  recordRun(app.core, { runId: one, rmse: 2 });
  await recordDecision(app.core, { runId: one, version: "1", alias: { before: null, after: "1" } });
  const row = { status: "FAILED", isResumable: true, error, fingerprint: "stopped" } as const;
  recordRun(app.core, { runId: two, until: "split", row });
  const params = {
    split_version: "1",
    feature_version: "1",
    model_version: "1",
    data_contract_version: "1",
    seed: "7",
  };
  recordRun(app.core, { runId: three, rmse: 1.5, row: { params } });
});
afterEach(async () => {
  await app.close();
  rmSync(root, { recursive: true, force: true });
});

/** A run whose row says that it is at work. */
const addRunning = (runId: string) =>
  recordRun(app.core, { runId, until: "split", row: { status: "RUNNING", stage: "train", endedAt: null } });

describe("the runs of a project", () => {
  it("are listed newest first, each with its versions, its outcome and its gate's primary metric", async () => {
    const { total, runs } = await app.call("runs.list", {});
    expect(total).toBe(3);
    expect(
      runs.map(({ number, runId, status, isResumable, verdict }) => [number, runId, status, isResumable, verdict]),
    ).toEqual([
      [3, three, "FINISHED", false, null],
      [2, two, "FAILED", true, null],
      [1, one, "FINISHED", false, "PROMOTE"],
    ]);
    expect(runs.map(({ primary }) => primary)).toEqual([
      { metric: "reference_rmse", value: 1.5 },
      { metric: "reference_rmse", value: null },
      { metric: "reference_rmse", value: 2 },
    ]);
    expect(runs[2]).toMatchObject({ startedAt: firstStart, endedAt: firstStart + 30_000, splitVersion: 1, plan: null });
  });

  it("are counted in whole where only some are asked for", async () => {
    expect(await app.call("runs.list", { limit: 1 })).toMatchObject({ total: 3, runs: [{ runId: three }] });
    expect(await app.call("runs.list", { status: "FAILED" })).toMatchObject({ total: 1, runs: [{ runId: two }] });
    expect(await app.call("runs.list", { status: "KILLED" })).toEqual({ total: 0, runs: [] });
  });

  it("aren't searched for with an input that means nothing", async () => {
    const asked = { status: "DONE" } as unknown as { status: "FAILED" };
    await expect(app.call("runs.list", asked)).rejects.toMatchObject({ code: "rpc/invalid-input" });
    await expect(app.call("runs.list", { limit: 0 })).rejects.toMatchObject({ code: "rpc/invalid-input" });
  });
});

describe("the report of a run", () => {
  it("holds what its stages found, from its folder", async () => {
    const report = await app.call("runs.show", { run: "#3" });
    expect(report.sides.map(({ name, rows, sha256 }) => [name, rows, sha256])).toEqual([
      ["train", 320, digestOf("b")],
      ["reference", 80, digestOf("c")],
      ["recent", 20, digestOf("d")],
    ]);
    expect(report.metrics.map(({ metric, value, low, high, n }) => [metric, value, low, high, n])).toEqual([
      ["reference_rmse", 1.5, 1, 2, 80],
      ["reference_mae", 0.75, 0.25, 1.25, 80],
      ["recent_rmse", 2.5, 2, 3, 20],
    ]);
    expect(report.stages.map(({ stage, state, seconds }) => [stage, state, seconds])).toEqual([
      ["resolve", "finished", null],
      ["start", "finished", null],
      ["split", "finished", 2],
      ["version", "finished", 2],
      ["train", "finished", 2],
      ["evaluate", "finished", 2],
      ["decide", "to do", null],
    ]);
    expect(report).toMatchObject({
      mlflowUrl: `http://127.0.0.1:9/#/experiments/7/runs/${three}`,
      runFolder: `.signalbox/runs/${three}`,
      warnings: ["two columns are nearly equal"],
      params: { seed: "7" },
      decision: null,
      error: null,
    });
    expect(report.versioned.map((it) => it.path)).toEqual([
      "data/master.parquet",
      "data/splits/v1",
      "data/reference/tests/v1/test_reference.parquet",
    ]);
  });

  it("of one that stopped says where, why and how to go on", async () => {
    const report = await app.call("runs.show", { run: "bbbb" });
    expect(report.error).toMatchObject(error);
    expect(report.stages.filter((it) => it.state === "finished").map((it) => it.stage)).toEqual([
      "resolve",
      "start",
      "split",
    ]);
    expect(report.nextSteps[0]).toMatch(/^signalbox runs resume bbbb2222\b/);
  });
});

describe("runs side by side", () => {
  it("show what differs, or all of it", async () => {
    const compared = await app.call("runs.compare", { runs: ["#1", "latest"] });
    expect(compared.runs).toEqual(["#1 aaaa1111", "#3 cccc3333"]);
    expect(compared.rows).toEqual([
      { kind: "outcome", key: "verdict", values: ["PROMOTE", null], isEqual: false },
      { kind: "parameter", key: "seed", values: ["42", "7"], isEqual: false },
      { kind: "metric", key: "reference_rmse", values: ["2", "1.5"], isEqual: false },
    ]);
    const { rows } = await app.call("runs.compare", { runs: ["#1", "latest"], all: true });
    expect(rows.filter((it) => it.isEqual).map((it) => it.key)).toEqual([
      ...["status", "split_version", "feature_version", "model_version", "data_contract_version", "train_loss"],
    ]);
  });

  it("are two at the least", async () => {
    await expect(app.call("runs.compare", { runs: ["#1"] })).rejects.toMatchObject({ code: "rpc/invalid-input" });
  });
});

describe("the logs of a run", () => {
  beforeEach(() => {
    for (const [job, text] of [
      ["train", "one\ntwo\nthree\n"],
      ["evaluate", "scored\n"],
    ] as const) {
      mkdirSync(path.join(runDir(one), job));
      writeFileSync(path.join(runDir(one), job, "output.log"), text);
    }
  });

  it("are its jobs' last lines, with the whole size and the file", async () => {
    const file = (job: string) => `.signalbox/runs/${one}/${job}/output.log`;
    expect(await app.call("runs.logs", { run: "#1", tail: 1 })).toEqual({
      runId: one,
      jobs: [
        { job: "evaluate", file: file("evaluate"), sizeBytes: 7, text: "scored\n" },
        { job: "train", file: file("train"), sizeBytes: 14, text: "three\n" },
      ],
    });
    const { jobs } = await app.call("runs.logs", { run: one, job: "train", tail: 0 });
    expect(jobs.map((it) => it.text)).toEqual(["one\ntwo\nthree\n"]);
  });

  it("are none where no job has written", async () => {
    expect(await app.call("runs.logs", { run: "latest" })).toEqual({ runId: three, jobs: [] });
  });
});

describe("the project at a glance", () => {
  it("names versions, production, the last runs, the ledger and what is at work", async () => {
    const asked = new Date(now.getTime() - 5_000);
    const request = { input: {}, caller: someCaller, now: asked, above: 0 };
    insertOperation(app.core.catalogue(), { ...request, operation: "runs.start" });
    const credentials = { salt: "00", digest: "00" };
    insertOperation(app.core.catalogue(), { ...request, operation: "data.push", credentials });
    const status = await app.call("runs.status", {});
    expect(status).toMatchObject({
      ...{ project: "shops", folder: root, task: "regression", target: "sales" },
      ...{ splitVersion: 1, featureVersion: 1, modelVersion: 1, dataContractVersion: 1 },
      production: { model: "shops_model", version: "1", runId: one },
      working: [
        { id: "op1", operation: "runs.start", runId: null, sinceMs: 5_000, needsCredentials: false },
        { id: "op2", operation: "data.push", runId: null, sinceMs: 5_000, needsCredentials: true },
      ],
      ...{ ledgerEntries: 1, lastVerdict: "PROMOTE", settled: [] },
    });
    expect(status.runs.map((it) => it.number)).toEqual([3, 2, 1]);
  });

  it("has neither production nor a run in a young project", async () => {
    const young = projectApp(plainProject());
    const status = await young.call("runs.status", {});
    expect(status).toMatchObject({ production: null, runs: [], working: [], ledgerEntries: 0, lastVerdict: null });
    await young.close();
    rmSync(young.core.projectDir, { recursive: true });
  });

  it("is refused outside a project", async () => {
    rmSync(path.join(root, "signalbox.yaml"));
    await expect(app.call("runs.status", {})).rejects.toMatchObject({ code: "projects/not-found" });
  });

  it("settles a run whose process is gone, and says so once", async () => {
    addRunning("dead0001");
    expect((await app.call("runs.status", {})).settled).toEqual(["dead0001"]);
    expect((await app.call("runs.status", {})).settled).toEqual([]);
    const { run, error: why } = await app.call("runs.show", { run: "dead0001" });
    expect(run).toMatchObject({ status: "FAILED", isResumable: true });
    expect(why).toMatchObject({ code: "runs/interrupted" });
  });
});

describe("cancelling a run", () => {
  it("leaves one that has ended as it is", async () => {
    const before = contentsOf(app);
    expect(await app.call("runs.cancel", { run: "#1" })).toEqual({
      ...{ runId: one, status: "FINISHED", message: "Run #1 is not running: it is FINISHED." },
    });
    expect(contentsOf(app)).toEqual(before);
  });

  it("settles one whose process is gone, as cancelled where a person had asked for that", async () => {
    const catalogue = app.core.catalogue();
    const id = insertOperation(catalogue, { operation: "runs.start", input: {}, caller: someCaller, now, above: 0 });
    takeQueued(catalogue, now);
    setOperationRun(catalogue, id, "dead0001");
    requestCancel(catalogue, id, now);
    addRunning("dead0001");
    expect(await app.call("runs.cancel", { run: "latest" })).toMatchObject({ runId: "dead0001", status: "KILLED" });
  });

  it("cancels the operation that is about to continue one that stopped", async () => {
    const catalogue = app.core.catalogue();
    const id = insertOperation(catalogue, {
      operation: "runs.resume",
      input: { run: two },
      caller: someCaller,
      now,
      above: 0,
    });
    setOperationRun(catalogue, id, two);
    expect(await app.call("runs.cancel", { run: two })).toMatchObject({
      ...{ runId: two, status: "FAILED", message: "Run #2 has ended: it is FAILED." },
    });
    expect(operationState(catalogue, id)).toBe("cancelled");
  });

  it("says that it can't end a run which another process owns and no operation works on", async () => {
    addRunning("here0001");
    takeRun(runDir("here0001"));
    expect(await app.call("runs.cancel", { run: "here0001" })).toEqual({
      ...{ runId: "here0001", status: "RUNNING" },
      message: "Run #4 is executed by a process that can't be cancelled; end that process.",
    });
  });
});

describe("a run that can't be gone on with", () => {
  it("is finished, or another process works on it", async () => {
    await expect(app.call("runs.resume", { run: "#1" })).rejects.toMatchObject({ code: "runs/not-resumable" });
    addRunning("here0001");
    takeRun(runDir("here0001"));
    const refused = {
      code: "runs/active",
      next: expect.arrayContaining([expect.objectContaining({ operation: "runs.cancel", input: { run: "here0001" } })]),
    };
    await expect(app.call("runs.resume", { run: "latest" })).rejects.toMatchObject(refused);
    await expect(app.call("runs.stage", { name: "train", run: "latest" })).rejects.toMatchObject(refused);
  });

  it("stopped before its model was evaluated: there is nothing to reproduce", async () => {
    const before = contentsOf(app);
    await expect(app.call("runs.reproduce", { run: "#2" })).rejects.toMatchObject({ code: "runs/not-comparable" });
    expect(contentsOf(app)).toEqual(before);
  });
});

it("looking at runs changes neither a file nor a row", async () => {
  const before = contentsOf(app);
  await app.call("runs.list", {});
  await app.call("runs.show", {});
  await app.call("runs.compare", { runs: ["#1", "#2"] });
  await app.call("runs.logs", {});
  await app.call("runs.status", {});
  expect(contentsOf(app)).toEqual(before);
});

it("a run that isn't there is named by every operation that was asked for it", async () => {
  const missing = {
    code: "runs/not-found",
    message: "There is no run 'ffff0000' in this project; the newest is #3 (cccc3333).",
  };
  const run = "ffff0000";
  await expect(app.call("runs.show", { run })).rejects.toMatchObject(missing);
  await expect(app.call("runs.compare", { runs: ["#1", run] })).rejects.toMatchObject(missing);
  await expect(app.call("runs.logs", { run })).rejects.toMatchObject(missing);
  await expect(app.call("runs.cancel", { run })).rejects.toMatchObject(missing);
  await expect(app.call("runs.resume", { run })).rejects.toMatchObject(missing);
  await expect(app.call("runs.stage", { name: "split", run })).rejects.toMatchObject(missing);
  await expect(app.call("runs.reproduce", { run })).rejects.toMatchObject(missing);
});

it("a run on a cut ledger is refused before it trains, with the step that restores it", async () => {
  writeFileSync(app.core.project().paths.ledgerFile, "");
  const said: unknown[] = [];
  const report = (progress: unknown) => void said.push(progress);
  await expect(app.call("runs.start", {}, { report })).rejects.toMatchObject({
    code: "ledger/truncated",
    next: [{ operation: "ledger.restore" }, { program: "git" }],
  });
  expect(said).toEqual([]);
  await app.call("ledger.restore", {});
  expect(await app.core.ledger.read()).toHaveLength(1);
});

it("a run whose name is nearly that of one is suggested", async () => {
  for (const [typed, meant] of [
    ["aaaa1112", one],
    ["lates", "latest"],
  ] as const)
    await expect(app.call("runs.compare", { runs: ["#1", typed] })).rejects.toMatchObject({
      message: `There is no run '${typed}' in this project — did you mean \`${meant}\`?`,
    });
});

it("a record that was damaged is named, not shown as a run without results", async () => {
  appendFileSync(path.join(runDir(one), "stages", "split.json"), "}");
  await expect(app.call("runs.show", { run: "#1" })).rejects.toMatchObject({ code: "runs/interrupted" });
});
