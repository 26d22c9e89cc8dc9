import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { GateRow } from "../../src-core/contract/runs/stage-results.ts";
import type { RunReport } from "../../src-core/contract/runs.ts";
import { createMlflowClient } from "../../src-core/foundation/mlflow/client.ts";
import { type App, createApp } from "../../src-core/wiring/app.ts";
import { binaryTable } from "../support/binary-table.ts";
import { cli } from "../support/cli.ts";
import { startTestServer, type TestServer } from "../support/mlflow-server.ts";

let folder: string;
let project: string;
let server: TestServer;
let app: App;

const inProject = (...names: string[]) => path.join(project, ...names);

async function call<T>(id: string, input: unknown = {}): Promise<T> {
  const signal = new AbortController().signal;
  return (await app.execute(id, input, { signal, report: () => undefined })) as T;
}

function edit(file: string, from: RegExp, to: string): void {
  const text = readFileSync(inProject(file), "utf8");
  expect(text).toMatch(from);
  writeFileSync(inProject(file), text.replace(from, to));
}

const rowOf = (report: RunReport, metric: string): GateRow | undefined =>
  report.decision?.gate.rows.find((row) => row.metric === metric);

async function paramOf(report: RunReport, name: string): Promise<string | undefined> {
  const client = createMlflowClient({ uri: server.uri });
  const { params } = await client.getRun(report.run.runId);
  client.close();
  return params[name];
}

type Reproduced = OperationOutput<"runs.reproduce">;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-classes-"));
  // A folder that DuckDB would take for a column, by default.
  project = path.join(folder, "outcome=leaves", "visits");
  writeFileSync(path.join(folder, "visits.csv"), binaryTable(1_200, ["leaves", "stays"]));
  server = await startTestServer();
  const made = await cli(
    ["init", project, "--table", path.join(folder, "visits.csv"), "--target", "outcome", "--key", "visit_id"],
    { cwd: folder },
  );
  expect(made.code, made.stderr).toBe(0);
  edit(
    "configs/promotion.yaml",
    /^gates:.*$/m,
    [
      "gates:",
      "  - { metric: latency_p50_ms, max_relative_regression: 4 }",
      "  - { metric: latency_p95_ms, threshold: 60000 }",
      "  - { metric: model_size_bytes, max_relative_regression: 0.05 }",
      "  - { metric: fit_seconds, max_absolute_regression: 600 }",
    ].join("\n"),
  );
  app = createApp({
    projectDir: project,
    env: { ...process.env, MLFLOW_TRACKING_URI: server.uri },
    node: process.execPath,
    role: "supervisor",
  });
}, 240_000);
afterAll(async () => {
  await app?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

// One story in order: a gate with every figure that isn't measured per row, and the positive class.
it("a first model has its figures, and its thresholds are checked", async () => {
  const first = await call<RunReport>("runs.start");
  // The rarer class, by the files that init wrote.
  expect(first.positiveClass).toBe("stays");
  expect(first.decision?.gate).toMatchObject({ verdict: "PROMOTE", positiveClass: "stays" });
  expect(rowOf(first, "latency_p95_ms")).toMatchObject({ outcome: "pass", production: null });
  expect(rowOf(first, "latency_p50_ms")).toMatchObject({ outcome: "info", production: null });
  expect(rowOf(first, "latency_p50_ms")?.candidate).toBeGreaterThan(0);
});

it("the next model is compared with production in each of them, and the row says how", async () => {
  const next = await call<RunReport>("runs.start", { new: true });
  expect(next.decision?.gate).toMatchObject({ verdict: "HOLD" });
  for (const metric of ["latency_p50_ms", "latency_p95_ms", "model_size_bytes", "fit_seconds"]) {
    const row = rowOf(next, metric);
    expect(row, metric).toMatchObject({ outcome: "pass", low: null, note: expect.stringMatching(/no interval/) });
    expect(row?.candidate, metric).toBeGreaterThan(0);
    expect(row?.production, metric).toBeGreaterThan(0);
  }
  expect(rowOf(next, "latency_p50_ms")?.note).toMatch(/^[1-9]\d+ predictions of one row by each model, in turns/);
  expect(rowOf(next, "same rows")).toMatchObject({ outcome: "pass" });
});

it("a dry run shows what exists: the split's files, and the finished run", async () => {
  const plan = await call<OperationOutput<"runs.start">>("runs.start", { dryRun: true });
  if (!("isDryRun" in plan)) return expect.fail("it ran");
  const of = (stage: string) => plan.stages.find((it) => it.stage === stage);
  expect(of("start")).toMatchObject({ action: "run", reason: expect.stringMatching(/run #2 .* finished \(HOLD\)/) });
  expect(of("split")).toMatchObject({ action: "already there" });
  expect(of("train")).toMatchObject({ action: "run" });
  const master = readFileSync(inProject("data", "master.csv"));
  appendFileSync(inProject("data", "master.csv"), "9999,1,1.0,web,stays\n");
  const other = await call<OperationOutput<"runs.start">>("runs.start", { dryRun: true });
  writeFileSync(inProject("data", "master.csv"), master);
  expect("isDryRun" in other && other.stages.find((it) => it.stage === "split")?.action).toBe("run");
});

it("a repetition uses the recorded times, and everything is equal", async () => {
  const reproduced = await call<Reproduced>("runs.reproduce", { run: "#2" });
  expect(reproduced.rows.filter((row) => row.outcome === "different")).toEqual([]);
  expect(reproduced.outcome).toBe("reproduced");
});

it("naming the class that was already measured keeps a run reproducible", async () => {
  edit("configs/promotion.yaml", /^gates:\n( {2}- .*\n)+/m, "gates: []\n");
  edit("signalbox.yaml", /^positive_class:.*\n/m, "");
  const unnamed = await call<RunReport>("runs.start", { new: true });
  edit("signalbox.yaml", /^target: .*$/m, "target: outcome\npositive_class: stays");
  const reproduced = await call<Reproduced>("runs.reproduce", { run: `#${unnamed.run.number}` });
  expect(reproduced.outcome).toBe("reproduced");
});

it("the other class makes another run, measured by that class, and production keeps its figures", async () => {
  const before = await call<RunReport>("runs.start");
  edit("signalbox.yaml", /^positive_class: stays$/m, "positive_class: leaves");
  const turned = await call<RunReport>("runs.start");
  expect(turned.run.number).toBe(before.run.number + 1);
  expect(await paramOf(turned, "positive_class")).toBe("leaves");
  expect(turned).toMatchObject({ positiveClass: "leaves", decision: { gate: { positiveClass: "leaves" } } });
  const row = turned.decision?.gate.rows.find((it) => it.role === "primary");
  expect(row?.production).toBeCloseTo(row?.candidate ?? Number.NaN, 10);
  await expect(call("runs.reproduce", { run: `#${before.run.number}` })).rejects.toMatchObject({
    code: "runs/not-comparable",
    details: { key: "positive_class", now: "leaves", recorded: "stays" },
  });
});

it("a production with other classes can't be compared, and the error names them", async () => {
  writeFileSync(inProject("data", "master.csv"), binaryTable(1_200, ["lost", "won"]));
  edit("signalbox.yaml", /^positive_class: leaves$/m, "positive_class: won");
  // Another reference test: that of version 1 is frozen, with its classes.
  copyFileSync(inProject("configs", "splits", "v1.yaml"), inProject("configs", "splits", "v2.yaml"));
  copyFileSync(inProject("configs", "data_contracts", "v1.yaml"), inProject("configs", "data_contracts", "v2.yaml"));
  edit("configs/data_contracts/v2.yaml", /leaves, stays/, "lost, won");
  edit("configs/active.yaml", /^split_version: 1$/m, "split_version: 2");
  edit("configs/active.yaml", /^data_contract_version: 1$/m, "data_contract_version: 2");
  const failed = await call("runs.start").catch((error: unknown) => error);
  expect(failed).toMatchObject({
    code: "promotion/no-evidence",
    message: expect.stringMatching(/leaves, stays.*lost, won/),
  });
});
