import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { AppError } from "../../src-core/contract/errors.ts";
import { createMlflowClient, type MlflowClient } from "../../src-core/foundation/mlflow/client.ts";
import { projectIdTag } from "../../src-core/foundation/mlflow/project-tags.ts";
import { productionOf } from "../../src-core/foundation/mlflow/registry/registry-promotion.ts";
import { startTestServer, type TestServer } from "../support/mlflow-server.ts";
import { type ProjectApp, projectApp } from "../support/project-app.ts";
import { smallTable } from "../support/small-table.ts";

/** Two projects of one folder name, and two copies of one project, on one server. */

let folder: string;
let server: TestServer;
let client: MlflowClient;
const apps: ProjectApp[] = [];

function open(projectDir: string, actor: string): ProjectApp {
  const app = projectApp(projectDir, { env: { MLFLOW_TRACKING_URI: server.uri, SIGNALBOX_ACTOR: actor } });
  apps.push(app);
  return app;
}

/** A project in the folder `<owner>/orders`. */
async function made(owner: string): Promise<ProjectApp> {
  const dir = path.join(folder, owner, "orders");
  mkdirSync(path.dirname(dir), { recursive: true });
  const table = path.join(folder, "orders.csv");
  writeFileSync(table, smallTable(400));
  const maker = projectApp(path.dirname(dir));
  await maker.call("projects.init", { dir, table, target: "minutes", key: ["order_id"] });
  await maker.close();
  return open(dir, owner);
}

async function run(
  app: ProjectApp,
  input: { readonly set?: Record<string, string> } = {},
  onStage?: (name: string) => void,
) {
  const report = await app.call("runs.start", input, {
    report: ({ stage, state }) => (state === "started" && stage !== undefined ? onStage?.(stage) : undefined),
  });
  if ("isDryRun" in report) throw new Error("a dry run");
  return report;
}

/** Another version of the model, so that a run with it is another one. */
function addModel(app: ProjectApp, version: number): Record<string, string> {
  const models = path.join(app.core.projectDir, "configs/models");
  const first = readFileSync(path.join(models, "v1.yaml"), "utf8");
  writeFileSync(path.join(models, `v${version}.yaml`), first.replace(/^seed: .*/m, `seed: ${version}`));
  return { model_version: String(version) };
}

const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { stdio: "ignore" });

function commitAll(dir: string): void {
  git("-C", dir, "add", "-A");
  git("-C", dir, "commit", "-m", "a decision");
}

const ledgerFile = (app: ProjectApp) => path.join(app.core.projectDir, "ledger/decisions.jsonl");

/** Everything that the server has under the names of the first project. */
async function onServer() {
  const experiment = await client.findExperiment("orders_training");
  const runs = await client.searchRuns({ experimentIds: [experiment?.experimentId ?? ""] });
  return {
    experiment,
    runs: runs.map(({ runId, status, tags }) => ({ runId, status, tags })),
    model: await client.getRegisteredModel("orders_model"),
    versions: await client.searchModelVersions("orders_model"),
    production: await productionOf({ client, modelName: "orders_model" }),
  };
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-two-projects-"));
  server = await startTestServer();
  client = createMlflowClient({ uri: server.uri });
}, 60_000);
afterAll(async () => {
  for (const app of apps) await app.close();
  client?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

// One story in order.
/** Executes the steps of a refusal, and says how many they were. */
function follow(refused: unknown): number {
  const steps = refused instanceof AppError ? (refused.next ?? []) : [];
  for (const step of steps) if ("program" in step) git(...step.argv);
  return steps.length;
}

describe("two projects of one folder name on one server", () => {
  let ada: ProjectApp;
  let eve: ProjectApp;

  it("have different ids, and what the first one writes carries its id", async () => {
    [ada, eve] = [await made("ada"), await made("eve")];
    const { id } = ada.core.project().config;
    expect(eve.core.project().config.id).not.toBe(id);
    await run(ada);
    const { experiment, runs, model, production } = await onServer();
    expect([experiment, ...runs, model].map((it) => it?.tags[projectIdTag])).toEqual([id, id, id]);
    expect(production?.version).toBe("1");
  }, 240_000);

  it("refuse the second before training, and nothing of the first changes", async () => {
    const before = await onServer();
    const stages: string[] = [];
    const refusal = {
      code: "projects/foreign",
      message: expect.stringMatching(/'orders_training' .* another project \('orders', .*, first used by ada\)/),
    };
    await expect(run(eve, {}, (stage) => stages.push(stage))).rejects.toMatchObject(refusal);
    await expect(eve.call("runs.start", { dryRun: true })).rejects.toMatchObject(refusal);
    expect(stages).toEqual(["start"]);
    expect((await eve.call("runs.list", {})).total).toBe(0);
    expect(await onServer()).toEqual(before);
    expect(await ada.call("ledger.verify", {})).toMatchObject({
      entries: 1,
      witnesses: [expect.anything(), expect.stringContaining("MLflow")],
    });
  });

  it("both work once the second has names of its own", async () => {
    const before = await onServer();
    const { after } = await eve.call("projects.fork", { name: "eve-orders" });
    const settings = path.join(eve.core.projectDir, "signalbox.yaml");
    writeFileSync(
      settings,
      readFileSync(settings, "utf8").replace("register: on_decision", "register: after_training"),
    );
    await run(eve);
    expect(await eve.call("runs.reproduce", {})).toMatchObject({ outcome: "reproduced" });
    expect(await onServer()).toEqual(before);
    expect(await productionOf({ client, modelName: after.registeredModel })).toMatchObject({ version: "1" });
    for (const app of [ada, eve]) expect(await app.call("ledger.verify", {})).toMatchObject({ entries: 1 });
    await expect(eve.call("promotion.rollback", { model: "orders_model", reason: "mine" })).rejects.toMatchObject({
      code: "projects/foreign",
    });
  }, 240_000);

  it("give a fork names that are free on the server, and leave the other's models to it", async () => {
    const { config } = eve.core.project();
    // Its own name is taken by now, and its folder is called like the first project.
    const { after } = await eve.call("projects.fork", {});
    expect(after.name).toBe(`orders-${after.id?.slice(0, 4)}`);
    await expect(eve.call("projects.fork", { name: config.name })).rejects.toMatchObject({ code: "projects/invalid" });
    expect(await eve.call("runs.status", {})).toMatchObject({ production: null, routed: [], problems: [] });
  });
});

// One story in order: ada's project is cloned, and the clone decides.
describe("two copies of one project on one server", () => {
  let ada: ProjectApp;
  let bob: ProjectApp;

  it("are the same project: a clone trains and decides with the ledger that it brought", async () => {
    const [first] = apps;
    if (first === undefined) throw new Error("no project");
    ada = first;
    const { projectDir } = ada.core;
    const origin = path.join(folder, "origin.git");
    const clone = path.join(folder, "bob", "orders");
    git("init", "--bare", origin);
    commitAll(projectDir);
    git("-C", projectDir, "remote", "add", "origin", origin);
    git("-C", projectDir, "push", "--set-upstream", "origin", "HEAD");
    git("clone", origin, clone);
    cpSync(path.join(projectDir, "data/master.csv"), path.join(clone, "data/master.csv"));
    cpSync(path.join(projectDir, "data/reference"), path.join(clone, "data/reference"), { recursive: true });
    bob = open(clone, "bob");
    const report = await run(bob, { set: addModel(bob, 2) });
    expect(report.decision?.ledgerIndex).toBe(2);
    commitAll(clone);
    git("-C", clone, "push");
  }, 240_000);

  it("refuse the one whose ledger is behind before training; with the entries it goes on", async () => {
    const before = await onServer();
    const set = addModel(ada, 3);
    const refused = await run(ada, { set }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "ledger/other-head",
      message: expect.stringMatching(/knows entry 2 .* by bob, .* ends with entry 1/),
    });
    await expect(ada.call("promotion.override", { run: "#1", reason: "anyway" })).rejects.toMatchObject({
      code: "ledger/other-head",
    });
    expect(await onServer()).toEqual(before);
    // No entry was cut here: the other copy has one more.
    await expect(ada.call("ledger.verify", {})).rejects.toMatchObject({ code: "ledger/other-head" });
    const { problems } = await ada.call("runs.status", {});
    expect(problems).toMatchObject([{ name: "Names on the server", found: expect.stringMatching(/knows entry 2/) }]);
    expect(follow(refused)).toBe(1);
    const report = await run(ada, { set });
    expect(report.decision?.ledgerIndex).toBe(3);
    expect((await ada.call("promotion.list", {})).decisions.map((it) => [it.ledgerIndex, it.actor])).toEqual([
      [3, "ada"],
      [2, "bob"],
      [1, "ada"],
    ]);
  }, 240_000);

  it("refuse before registering where the other decided during the training, and decide later with its entry", async () => {
    commitAll(ada.core.projectDir);
    git("-C", ada.core.projectDir, "push");
    git("-C", bob.core.projectDir, "pull");
    const [{ runId } = { runId: "" }] = (await bob.call("runs.list", {})).runs;
    let overridden: Promise<unknown> | undefined;
    const set = addModel(ada, 4);
    const waiting = run(ada, { set }, (stage) => {
      if (stage === "train") overridden = bob.call("promotion.override", { run: runId, reason: "needed today" });
    });
    const refused = await waiting.catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "ledger/other-head",
      message: expect.stringMatching(/knows entry 4 .* by bob/),
    });
    expect(await overridden).toMatchObject({ ledgerIndex: 4 });
    const [stopped] = (await ada.call("runs.list", { limit: 1 })).runs;
    expect(stopped).toMatchObject({ status: "FAILED", isResumable: true });
    expect(await client.searchModelVersions("orders_model", stopped?.runId)).toEqual([]);
    expect(readFileSync(ledgerFile(ada), "utf8").trim().split("\n")).toHaveLength(3);
    // Both copies read the reference test meanwhile: each read counts in both.
    const reads = (app: ProjectApp) => path.join(app.core.projectDir, "ledger/reference_reads.jsonl");
    const ofAda = readFileSync(reads(ada), "utf8").trim().split("\n");
    appendFileSync(reads(bob), `${(ofAda[0] ?? "").replace("evaluate", "reproduce")}\n`);
    commitAll(bob.core.projectDir);
    git("-C", bob.core.projectDir, "push");
    expect(follow(refused)).toBe(2);
    expect(readFileSync(reads(ada), "utf8").trim().split("\n")).toHaveLength(ofAda.length + 1);
    const report = await ada.call("runs.resume", { run: stopped?.runId ?? "" });
    expect(report.decision?.ledgerIndex).toBe(5);
    expect(report.decision?.productionBefore?.runId).toBe(runId);
    expect(await ada.call("ledger.verify", {})).toMatchObject({ entries: 5 });
  }, 240_000);
});
