import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { RunReport } from "../../src-core/contract/runs.ts";
import type { CatalogueReader } from "../../src-core/foundation/catalogue/open.ts";
import { createMlflowClient } from "../../src-core/foundation/mlflow/client.ts";
import { type App, createApp } from "../../src-core/wiring/app.ts";
import { cli } from "../support/cli.ts";
import { startTestServer, type TestServer } from "../support/mlflow-server.ts";
import { smallTable } from "../support/small-table.ts";

let folder: string;
let project: string;
let server: TestServer;
let app: App;
let first: RunReport;

const inProject = (...names: string[]) => path.join(project, ...names);
const open = (uri = server.uri): App =>
  createApp({
    projectDir: project,
    env: { ...process.env, MLFLOW_TRACKING_URI: uri },
    node: process.execPath,
    role: "supervisor",
  });

async function call<T>(id: string, input: unknown = {}, at: App = app): Promise<T> {
  const signal = new AbortController().signal;
  return (await at.execute(id, input, { signal, report: () => undefined })) as T;
}

/** The run's private folder and the tracked files, as names with their bytes. */
function trackedFiles(): Readonly<Record<string, string>> {
  const names = readdirSync(project, { recursive: true, encoding: "utf8" }).filter(
    (name) => /^(configs|ledger|data)\//.test(name) && /\.\w+$/.test(name) && !name.includes("reference_reads"),
  );
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(inProject(name)).toString("base64")]));
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-history-"));
  project = path.join(folder, "orders");
  writeFileSync(path.join(folder, "orders.csv"), smallTable(1_500));
  server = await startTestServer();
  const made = await cli(
    ["init", project, "--table", path.join(folder, "orders.csv"), "--target", "minutes", "--group", "shop"],
    { cwd: folder },
  );
  expect(made.code, made.stderr).toBe(0);
  app = open();
  first = await call<RunReport>("runs.start");
  await call<RunReport>("runs.start", { new: true });
}, 240_000);
afterAll(async () => {
  await app?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

type Reproduced = OperationOutput<"runs.reproduce">;
const outcomes = (reproduced: Reproduced, outcome: string) =>
  reproduced.rows.filter((row) => row.outcome === outcome).map((row) => `${row.kind} ${row.name}`);

// One story in order: what a user can still prove afterwards.
describe("reproducing a run", () => {
  it("repeats every file, figure and gate row, and leaves no run, no entry and no file behind", async () => {
    const before = trackedFiles();
    const { experiments, ledger } = await counts();
    const reproduced = await call<Reproduced>("runs.reproduce", { run: "#2" });
    expect(outcomes(reproduced, "different")).toEqual([]);
    expect(reproduced).toMatchObject({ outcome: "reproduced", scratch: null });
    expect(outcomes(reproduced, "equal")).toEqual(
      expect.arrayContaining([
        "file master",
        "file train",
        "row digest reference",
        "manifest split",
        "DVC digest data/splits/v1",
        "model canonical files",
        "prediction file reference",
        "metric train_rmse",
        "metric reference_rmse",
        "gate row verdict",
        "gate row primary reference_rmse",
      ]),
    );
    expect(await counts()).toEqual({ experiments, ledger });
    expect(trackedFiles()).toEqual(before);
    expect(readdirSync(inProject(".signalbox", "cache")).filter((name) => name.startsWith("reproduce-"))).toEqual([]);
  });

  it("counts its read of the reference test", () => {
    const reads = readFileSync(inProject("ledger", "reference_reads.jsonl"), "utf8").trim().split("\n");
    expect(reads.map((line) => JSON.parse(line).purpose)).toEqual(["evaluate", "evaluate", "reproduce"]);
  });

  it("takes the run's table from the DVC cache if the work tree has another one now", async () => {
    const master = inProject("data", "master.csv");
    const old = readFileSync(master);
    appendFileSync(master, "99999,shop-01,2024-06-01 00:00:00,1.0,2.0,web,False,21.5\n");
    const reproduced = await call<Reproduced>("runs.reproduce", { run: "#1", keep: true });
    expect(outcomes(reproduced, "different")).toEqual([]);
    expect(readFileSync(inProject(reproduced.scratch ?? "", "data", "master.csv"))).toEqual(old);
    writeFileSync(master, old);
  });

  it("names what differs from the record, and ends with 6", async () => {
    const record = inProject(".signalbox", "runs", first.run.runId, "stages", "evaluate.json");
    const whole = readFileSync(record, "utf8");
    const result = JSON.parse(whole);
    const rmse = result.sets[0].metrics.rmse;
    rmse.value += Number.EPSILON * rmse.value;
    writeFileSync(record, JSON.stringify(result));
    const answer = await cli(["reproduce", "#1", "--json"], {
      cwd: project,
      env: { MLFLOW_TRACKING_URI: server.uri, SIGNALBOX_SUPERVISOR_IDLE_MS: "500" },
    });
    writeFileSync(record, whole);
    expect(answer.code, answer.stderr).toBe(6);
    const reproduced = JSON.parse(answer.stdout) as Reproduced;
    expect(outcomes(reproduced, "different")).toEqual(["metric reference_rmse"]);
  });

  it("uses the kept content of a version whose file was changed, and refuses without it, by name", async () => {
    const file = inProject("configs", "models", "v1.yaml");
    const kept = inProject("configs", "frozen", "models", "v1.yaml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, `${text}# tuned\n`);
    try {
      expect(outcomes(await call<Reproduced>("runs.reproduce", { run: "#1" }), "different")).toEqual([]);
      rmSync(kept);
      await expect(call("runs.reproduce", { run: "#1" })).rejects.toMatchObject({
        code: "configs/version-changed",
        details: { file: "configs/models/v1.yaml" },
      });
    } finally {
      writeFileSync(file, text);
      writeFileSync(kept, text);
    }
  });
});

async function counts() {
  const client = createMlflowClient({ uri: server.uri });
  const { experimentId } = await client.ensureExperiment("orders_training");
  const runs = await client.searchRuns({ experimentIds: [experimentId] });
  client.close();
  return { experiments: runs.length, ledger: readFileSync(inProject("ledger", "decisions.jsonl"), "utf8") };
}

describe("the lineage", () => {
  type Lineage = OperationOutput<"lineage.show">;
  const show = (subject: string, direction = "both") => call<Lineage>("lineage.show", { subject, direction });

  it("leads from production's alias back to the table", async () => {
    const { nodes, subject } = await show("orders_model@champion", "up");
    expect(subject).toBe("model:orders_model/1");
    expect(nodes.map((node) => node.kind)).toEqual(
      expect.arrayContaining(["master", "split", "train", "reference", "config", "run", "model"]),
    );
    expect(nodes.find((node) => node.kind === "master")).toMatchObject({ path: "data/master.csv" });
  });

  it("leads from a data file, by its path or its digest, down to every decision", async () => {
    const byPath = await show("data/splits/v1/train.parquet", "down");
    expect(byPath.nodes.filter((node) => node.kind === "decision").map((node) => node.id)).toEqual([
      "decision:1",
      "decision:2",
    ]);
    const digest = byPath.nodes.find((node) => node.kind === "train")?.digest ?? "";
    expect(await show(digest.slice(0, 12), "down")).toEqual(byPath);
    expect((await show("split:1", "down")).nodes).toEqual(expect.arrayContaining(byPath.nodes));
  });

  it("prints one document per format", async () => {
    const env = { MLFLOW_TRACKING_URI: server.uri, COLUMNS: "80" };
    const print = (format: string) => cli(["lineage", "show", "decision:2", "--format", format], { cwd: project, env });
    const tree = await print("tree");
    expect(tree.stdout).toMatch(/^decision 2: HOLD/);
    for (const line of tree.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(JSON.parse((await print("json")).stdout).subject).toBe("decision:2");
    expect((await print("dot")).stdout).toMatch(/^digraph lineage \{[\s\S]*\}\n$/);
    expect((await print("mermaid")).stdout).toMatch(/^flowchart LR\n/);
    expect((await cli(["lineage", "show", "nothing"], { cwd: project, env })).code).toBe(3);
  });
});

/** Only in the catalogue: when something was first recorded. A run's own times are rebuilt. */
const momentColumns = ["frozen_at", "seen_at", "registered_at", "put_at", "due_at", "done_at"];
const stageMoments = ["started_at", "ended_at"];

const atWork = ["operations", "leases", "changes", "feed", "sqlite_sequence"];

function tables(
  reader: CatalogueReader,
  left: { readonly tables?: readonly string[]; readonly columns?: readonly string[] } = {},
) {
  const names = reader
    .all("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .map((it) => String(it.name));
  const without = [...momentColumns, ...(left.columns ?? [])];
  const clean = (row: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([key]) => !without.includes(key))
        // The order of keys in JSON has no meaning.
        .map(([key, value]) => [key, key.endsWith("_json") && value !== null ? JSON.parse(String(value)) : value]),
    );
  return Object.fromEntries(
    names
      // Long operations, leases and the feed of changes are of the processes at work, not of the project's history.
      .filter((name) => ![...atWork, ...(left.tables ?? [])].includes(name))
      .map((name) => {
        const rows = reader.all(`SELECT * FROM ${name}`).map(clean);
        return [name, rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))];
      }),
  );
}

/** A third run, which ends KILLED with an error and a stage that was cancelled. */
async function cancelInTraining(): Promise<void> {
  const stop = new AbortController();
  const cancelled = app.execute(
    "runs.start",
    { new: true },
    {
      signal: stop.signal,
      report: ({ stage, state }) => {
        if (stage === "train" && state === "started") stop.abort();
      },
    },
  );
  await expect(cancelled).rejects.toMatchObject({ code: "internal/cancelled" });
  expect((await call<RunReport>("runs.show", { run: "#3" })).run).toMatchObject({ status: "KILLED", stage: "train" });
}

async function deleteCatalogue(): Promise<void> {
  await app.close();
  for (const name of readdirSync(inProject(".signalbox")))
    if (name.startsWith("catalogue.sqlite")) rmSync(inProject(".signalbox", name));
}

it("a stage of a finished run finds its result and doesn't change the run", async () => {
  const shown = () => call<{ run: unknown }>("runs.show", { run: "#2" });
  const before = (await shown()).run;
  await call("runs.stage", { name: "split", run: "#2" });
  expect((await shown()).run).toEqual(before);
  await expect(call("runs.resume", { run: "#2" })).rejects.toMatchObject({ code: "runs/not-resumable" });
});

it("a changed reference test can't be recorded by hand, and the recorded one is restored", async () => {
  const name = "data/reference/tests/v1/test_reference.parquet";
  const whole = readFileSync(inProject(name));
  appendFileSync(inProject(name), "x");
  await expect(call("data.add", { paths: [name] })).rejects.toMatchObject({ code: "splits/reference-changed" });
  await call("data.checkout", { paths: [name], force: true });
  expect(readFileSync(inProject(name)).equals(whole)).toBe(true);
});

describe("a deleted catalogue", () => {
  it("is rebuilt completely by the next command, from the run folders and the tracked files", async () => {
    await cancelInTraining();
    await expect(call("runs.reproduce", { run: "latest" })).rejects.toMatchObject({ code: "runs/not-comparable" });
    const moments = { columns: ["created_at"] };
    const before = tables(app.core.catalogue(), moments);
    await deleteCatalogue();
    app = open();
    await call("runs.list");
    expect(tables(app.core.catalogue(), moments)).toEqual(before);
    expect(existsSync(inProject(".signalbox", "rebuild.json"))).toBe(false);
  });

  it("is rebuilt from MLflow if the run folders are deleted, too, except for what only they contained", async () => {
    const left = {
      // MLflow's runs don't contain what each job did.
      tables: ["jobs"],
      columns: ["created_at", "state_at"],
    };
    const stagesWithout = () => tables(app.core.catalogue(), { columns: stageMoments }).stages;
    const withoutStages = () => ({ ...tables(app.core.catalogue(), left), stages: null });
    const [before, stages] = [withoutStages(), stagesWithout()];
    await deleteCatalogue();
    rmSync(inProject(".signalbox", "runs"), { recursive: true });
    // With the server down the command works, shows less, and leaves the rest to a later one.
    app = open("http://127.0.0.1:9");
    expect(await call<OperationOutput<"runs.list">>("runs.list")).toMatchObject({ total: 0 });
    expect((await call<OperationOutput<"ledger.list">>("ledger.list")).total).toBe(2);
    expect(readFileSync(inProject(".signalbox", "rebuild.json"), "utf8")).toMatch(/what MLflow knows/);
    await app.close();
    app = open();
    await call("runs.list");
    expect(withoutStages()).toEqual(before);
    expect(stagesWithout()).toEqual(stages);
    expect(existsSync(inProject(".signalbox", "rebuild.json"))).toBe(false);
  });

  it("doesn't hide that the ledger was truncated in the meantime, because MLflow's runs have a record", async () => {
    const file = inProject("ledger", "decisions.jsonl");
    const whole = readFileSync(file, "utf8");
    expect(await call("ledger.verify")).toMatchObject({
      entries: 2,
      witnesses: ["the catalogue", expect.stringMatching(/^MLflow/)],
    });
    await deleteCatalogue();
    writeFileSync(file, `${whole.split("\n")[0]}\n`);
    app = open();
    await expect(call("ledger.verify")).rejects.toMatchObject({ code: "ledger/truncated" });
    // From now on it is known without the server, too.
    await app.close();
    app = open("http://127.0.0.1:9");
    await expect(call("ledger.verify")).rejects.toMatchObject({ code: "ledger/truncated" });
    writeFileSync(file, whole);
    expect(await call("ledger.verify")).toMatchObject({ entries: 2, witnesses: ["the catalogue"] });
  });

  it("isn't missed in a project without history", async () => {
    const fresh = path.join(folder, "fresh");
    await cli(["init", fresh, "--table", path.join(folder, "orders.csv"), "--target", "minutes"], { cwd: folder });
    const young = createApp({ projectDir: fresh, env: process.env, node: process.execPath, role: "face" });
    const said: unknown[] = [];
    const signal = new AbortController().signal;
    await young.execute("runs.list", {}, { signal, report: (it) => said.push(it) });
    await young.close();
    expect(said).toEqual([]);
    expect(existsSync(path.join(fresh, ".signalbox", "rebuild.json"))).toBe(false);
  });
});

it("a supervisor starts by moving the ledger's unfinished last line aside", async () => {
  const file = inProject("ledger", "decisions.jsonl");
  const whole = readFileSync(file, "utf8");
  appendFileSync(file, '{"actor":"ada","at":"2026');
  await app.close();
  app = open();
  await call("runs.list");
  expect(readFileSync(file, "utf8")).toBe(whole);
  const aside = readdirSync(inProject(".signalbox")).filter((name) => name.startsWith("ledger-unfinished-"));
  expect(aside).toHaveLength(1);
});

it("a decision against a production that was scored again is reproduced from that scoring", async () => {
  rmSync(inProject(".signalbox", "runs", first.run.runId), { recursive: true, force: true });
  const run = await call<RunReport>("runs.start", { new: true });
  expect(run.decision?.productionBefore).toMatchObject({ version: "1" });
  expect(run.decision?.gate.rows.find((row) => row.metric === "same rows")?.note).toMatch(/re-scored/);
  const reproduced = await call<Reproduced>("runs.reproduce", { run: "latest" });
  expect(outcomes(reproduced, "different")).toEqual([]);
  expect(reproduced.outcome).toBe("reproduced");
  // Without the scores that it was compared with, the gate can't be applied again, and the report says so.
  rmSync(inProject(run.runFolder, "production-1"), { recursive: true });
  const without = await call<Reproduced>("runs.reproduce", { run: "latest" });
  expect(without).toMatchObject({
    outcome: "not comparable",
    reason: expect.stringMatching(/version 1\).*no longer exist/),
  });
  expect(outcomes(without, "not comparable").every((name) => name.startsWith("gate row"))).toBe(true);
}, 240_000);

it("a model isn't a first one because the tracking server lost production: only an override promotes it", async () => {
  const client = createMlflowClient({ uri: server.uri });
  const modelName = first.decision?.modelName ?? "";
  await client.deleteAlias(modelName, "champion");
  const run = await call<RunReport>("runs.start", { new: true });
  expect(run.decision).toMatchObject({ gate: { verdict: "INVALID" }, isAliasMoved: false });
  expect(run.decision?.gate.reason).toMatch(/ledger entry 1 put version 1 .* into production, but http.* has none/);
  expect(await client.getAlias(modelName, "champion")).toBeUndefined();
  const reproduced = await call<Reproduced>("runs.reproduce", { run: "latest" });
  expect(outcomes(reproduced, "different")).toEqual([]);
  const moved = await call<{ version: string }>("promotion.override", { run: "latest", reason: "the server was lost" });
  expect(await client.getAlias(modelName, "champion")).toBe(moved.version);
}, 240_000);
