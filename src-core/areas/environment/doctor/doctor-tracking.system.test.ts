import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestServer, type TestServer, testPython } from "../../../../test/support/mlflow-server.ts";
import { plainProject } from "../../../../test/support/plain-project.ts";
import { type ProjectApp, projectApp } from "../../../../test/support/project-app.ts";
import { recordDecision, recordRun } from "../../../../test/support/recorded/recorded-runs.ts";
import { createMlflowClient, type MlflowClient } from "../../../foundation/mlflow/client.ts";
import { projectIdTag } from "../../../foundation/mlflow/project-tags.ts";
import {
  moveAlias,
  productionAlias,
  registerModelVersion,
} from "../../../foundation/mlflow/registry/registry-promotion.ts";
import { ensureServer, stopServer } from "../../../foundation/mlflow/server/server.ts";
import { serverRecordFile } from "../../../foundation/mlflow/server/server-record.ts";
import { putItem } from "../../outbox/store.ts";
import { entryItem } from "../../promotion/decide/entry-item.ts";

const check = async (app: ProjectApp, name: string) =>
  (await app.call("environment.check", {})).checks.find((one) => one.name === name);
const problem = async (app: ProjectApp, name: string) =>
  (await app.call("runs.status", {})).problems.find((one) => one.name === name);

describe("production on the server", () => {
  let server: TestServer;
  let client: MlflowClient;
  let app: ProjectApp;
  let modelName: string;
  let number = 0;

  beforeAll(async () => {
    server = await startTestServer();
    client = createMlflowClient({ uri: server.uri });
  });
  afterAll(async () => {
    client?.close();
    await server?.close();
  });
  beforeEach(async () => {
    number += 1;
    modelName = `shops_${number}_model`;
    const config = readFileSync(path.join(plainProject(), "signalbox.yaml"), "utf8");
    const named = `${config}tracking: { registered_model: ${modelName} }\n`;
    app = projectApp(plainProject({ "signalbox.yaml": named }), { env: { MLFLOW_TRACKING_URI: server.uri } });
  });
  afterEach(async () => {
    await app.close();
    rmSync(app.core.projectDir, { recursive: true, force: true });
  });

  let requests = 0;
  /** A version on the server; of it the project knows only what is recorded afterwards. */
  async function version(): Promise<{ readonly runId: string; readonly version: string }> {
    requests += 1;
    const { experimentId } = await client.ensureExperiment("shops_training");
    const { runId } = await client.createRun({ experimentId, requestId: `${requests}`, name: "r", startTimeMs: 1 });
    const digest = `${requests}`.padStart(64, "0");
    const registered = await registerModelVersion({ client, runId, modelName, digest, tags: {} });
    await client.setRegisteredModelTags(modelName, { [projectIdTag]: app.core.project().config.id });
    return { runId, ...registered };
  }
  const champion = (to: string | null) => moveAlias({ client, modelName, alias: productionAlias, version: to });
  async function promoted() {
    const made = await version();
    recordRun(app.core, { runId: made.runId });
    await recordDecision(app.core, { ...made, alias: { before: null, after: made.version } });
    await champion(made.version);
    return made;
  }

  it("is in order where it is what the ledger says", async () => {
    await promoted();
    expect(await check(app, "Production")).toMatchObject({ state: "ok", found: "of 1 model, as the ledger says" });
    expect(await problem(app, "Production")).toBeUndefined();
  });

  it("that no entry of the ledger explains is told by doctor and status", async () => {
    await champion((await version()).version);
    const found = { state: "problem", found: expect.stringContaining("no entry of the ledger explains it") };
    expect(await check(app, "Production")).toMatchObject(found);
    expect(await problem(app, "Production")).toMatchObject(found);
  });

  it("that another program moved is told, and the step that returns to the recorded version works", async () => {
    const { version: recorded } = await promoted();
    await champion((await version()).version);
    const found = await check(app, "Production");
    expect(found).toMatchObject({
      state: "problem",
      found: expect.stringContaining("'champion' points to version 2"),
      actions: [
        { operation: "promotion.rollback", input: { model: modelName, to: recorded }, asks: ["reason"] },
        { operation: "promotion.override", asks: ["reason"] },
        { operation: "models.show" },
      ],
    });
    await app.call("promotion.rollback", { model: modelName, to: recorded, reason: "it was moved by hand" });
    expect(await check(app, "Production")).toMatchObject({ state: "ok" });
  });

  it("that was lost, or is of another run, is told", async () => {
    await promoted();
    await champion(null);
    expect(await problem(app, "Production")).toMatchObject({
      found: expect.stringMatching(/entry 1 of the ledger put version 1 .* points to nothing/),
      actions: [{ operation: "promotion.rollback", input: { model: modelName, to: "1" }, asks: ["reason"] }],
    });
    await app.call("promotion.rollback", { model: modelName, to: "1", reason: "the alias was deleted by hand" });
    expect(await problem(app, "Production")).toBeUndefined();
    await champion(null);
    const { version: second } = await version();
    recordRun(app.core, { runId: "ffff0000" });
    const alias = { before: "1", after: second };
    await recordDecision(app.core, { runId: "ffff0000", version: second, alias });
    await champion(second);
    expect(await problem(app, "Production")).toMatchObject({
      found: expect.stringMatching(/points to version 2 of run/),
    });
  });

  it("isn't compared with a damaged ledger, which is described once", async () => {
    await promoted();
    writeFileSync(app.core.project().paths.ledgerFile, "");
    const { checks } = await app.call("environment.check", {});
    expect(checks.filter(({ found }) => found.includes("were written"))).toMatchObject([{ name: "Ledger" }]);
    expect(checks.find(({ name }) => name === "Names on the server")).toEqual({
      ...{ name: "Names on the server", state: "warning", fix: null, actions: [] },
      found: "not checked, because of Ledger",
    });
  });

  it("of which a recorded move isn't carried out yet is no problem: it is pending", async () => {
    const made = await version();
    recordRun(app.core, { runId: made.runId });
    const entry = await recordDecision(app.core, { ...made, alias: { before: null, after: made.version } });
    app.core.catalogue().write((writer) => putItem(writer, entryItem(entry)));
    expect(await problem(app, "Production")).toBeUndefined();
  });

  it("isn't compared where no server is up, and only that is the problem", async () => {
    await promoted();
    const away = projectApp(app.core.projectDir, { env: { MLFLOW_TRACKING_URI: "http://127.0.0.1:9" } });
    expect(await problem(away, "Production")).toBeUndefined();
    expect(await problem(away, "MLflow")).toMatchObject({
      found: expect.stringContaining("the MLflow server at http://127.0.0.1:9 doesn't respond"),
    });
    expect(await check(away, "Production")).toMatchObject({
      state: "ok",
      found: expect.stringContaining("not compared"),
    });
    await away.close();
  });
});

describe("the project's own server", () => {
  let root: string;
  let app: ProjectApp;
  const folders: string[] = [];
  const mlflow = (of = root) => path.join(of, ".signalbox/mlflow");
  const start = (of = root) => ensureServer({ folder: mlflow(of), python: testPython, env: process.env });
  const newFolder = () => {
    const made = path.join(mkdtempSync(path.join(os.tmpdir(), "sb-doctor-")), "shop");
    folders.push(made);
    return made;
  };
  beforeEach(() => {
    root = plainProject();
    folders.push(root);
    app = projectApp(root);
  });
  afterEach(async () => {
    await app.close();
    for (const folder of folders.splice(0)) {
      await stopServer(mlflow(folder), 500);
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("is in order while it runs and after it ended", async () => {
    expect(await check(app, "MLflow")).toMatchObject({ state: "ok", found: "managed; starts when needed" });
    const { uri } = await start();
    expect(await check(app, "MLflow")).toMatchObject({ state: "ok", found: `managed; running at ${uri}` });
    await app.call("mlflow.stop", {});
    expect(await check(app, "MLflow")).toMatchObject({ state: "ok", found: "managed; starts when needed" });
  });

  it("of a project that was moved while it ran is told, and its steps start one where the folder is now", async () => {
    await start();
    await app.close();
    const moved = newFolder();
    renameSync(root, moved);
    app = projectApp(moved);
    const found = await problem(app, "MLflow");
    expect(found).toMatchObject({
      state: "problem",
      found: expect.stringContaining(`was started in ${mlflow()}, and the folder was moved since`),
      actions: [{ operation: "mlflow.stop" }, { operation: "mlflow.start" }],
    });
    await app.call("mlflow.stop", {});
    await start(moved);
    expect(await problem(app, "MLflow")).toBeUndefined();
  });

  it("of the project that this one was copied from is told, and left alone", async () => {
    const { uri } = await start();
    const copy = newFolder();
    cpSync(root, copy, { recursive: true });
    await app.close();
    app = projectApp(copy);
    expect(await problem(app, "MLflow")).toMatchObject({
      state: "warning",
      found: expect.stringContaining(`copied from a project whose MLflow server is of ${mlflow()}`),
    });
    expect(await createMlflowClient({ uri }).isHealthy()).toBe(true);
  });

  it("whose address another server answers at is told", async () => {
    await start();
    const other = newFolder();
    const { uri } = await start(other);
    const record = JSON.parse(readFileSync(serverRecordFile(mlflow()), "utf8"));
    writeFileSync(serverRecordFile(mlflow()), JSON.stringify({ ...record, port: Number(new URL(uri).port) }));
    expect(await problem(app, "MLflow")).toMatchObject({
      state: "problem",
      found: expect.stringContaining(`another server answers at ${uri}`),
    });
    writeFileSync(serverRecordFile(mlflow()), JSON.stringify({ ...record, port: 1 }));
    expect(await problem(app, "MLflow")).toMatchObject({ found: expect.stringContaining("doesn't answer at") });
    writeFileSync(serverRecordFile(mlflow()), JSON.stringify(record));
  });
});
