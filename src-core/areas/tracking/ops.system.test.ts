import { existsSync, rmSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bareCore } from "../../../test/support/bare-core.ts";
import { saveTinyModel } from "../../../test/support/mlflow-model.ts";
import { testPython } from "../../../test/support/mlflow-server.ts";
import { plainProject } from "../../../test/support/plain-project.ts";
import type { OperationContext } from "../../contract/operation.ts";
import type { Tracking } from "../../foundation/context.ts";
import { modelDigestOf } from "../../foundation/mlflow/model-digest.ts";
import { stopServer } from "../../foundation/mlflow/server/server.ts";
import { loadProject } from "../configs/project.ts";
import { putRun } from "../runs/store.ts";
import type { TrackingCore } from "./needs.ts";
import { openTracking } from "./open.ts";
import { trackingOps } from "./ops.ts";
import { modelsOfRun } from "./store.ts";

const context: OperationContext = { signal: new AbortController().signal, report: () => {} };
let dir: string;
let core: TrackingCore;
let ops: ReturnType<typeof trackingOps>;
let tracking: Tracking;
let digest: string;

/** A core whose Python is the test environment's. */
function coreOf(env: NodeJS.ProcessEnv): TrackingCore {
  const made: TrackingCore = {
    ...bareCore(dir, env, () => loadProject(dir)),
    tracking: (options = {}) => openTracking(made, options),
    python: async () => ({ python: await testPython(), digest: "test", pythonMinor: "3" }),
  };
  return made;
}

beforeAll(async () => {
  dir = plainProject();
  const { MLFLOW_TRACKING_URI: _uri, DISPLAY: _x, WAYLAND_DISPLAY: _wayland, ...env } = process.env;
  core = coreOf(env);
  ops = trackingOps(core);
  saveTinyModel(await testPython(), path.join(dir, "made", "model"));
  digest = modelDigestOf(path.join(dir, "made", "model"));
});
afterAll(async () => {
  await stopServer(path.join(dir, ".signalbox", "mlflow"), 500);
  rmSync(dir, { recursive: true, force: true });
});

let runs = 0;
/** A run in MLflow and the catalogue, its model uploaded. */
async function trainedRun(
  more: { readonly params?: Record<string, string>; readonly metrics?: Record<string, number> } = {},
) {
  runs += 1;
  const { client } = tracking;
  const { experimentId } = await client.ensureExperiment("shops_training");
  const { runId } = await client.createRun({ experimentId, requestId: `t${runs}`, name: "t", startTimeMs: runs });
  const versions = { split_version: "1", feature_version: "1", model_version: "1", data_contract_version: "1" };
  await client.logBatch({
    runId,
    params: more.params ?? versions,
    tags: { "signalbox.model_digest": digest },
    metrics: Object.entries(more.metrics ?? { reference_rmse: 1.5 }).map(([key, value]) => ({
      key,
      value,
      step: 0,
      timestamp: 1,
    })),
  });
  await client.uploadFolder({ runId, artifactPath: "model", folder: path.join(dir, "made", "model"), last: "MLmodel" });
  core.catalogue().write((writer) =>
    putRun(writer, {
      runId,
      name: "t",
      experiment: "shops_training",
      status: "FINISHED",
      isResumable: false,
      fingerprint: `f${runs}`,
      versions: { split_version: 1, feature_version: 1, model_version: 1, data_contract_version: 1 },
      stage: null,
      verdict: null,
      startedAt: runs,
      endedAt: null,
      error: null,
      params: {},
    }),
  );
  return runId;
}

describe("the project's server", () => {
  test("is shown without being started, started once, and shown as running", async () => {
    expect(await ops["mlflow.status"]({}, context)).toMatchObject({ source: "managed", isRunning: false, uri: null });
    expect(existsSync(path.join(dir, ".signalbox", "mlflow"))).toBe(false);
    const started = await ops["mlflow.start"]({}, context);
    expect(started).toMatchObject({
      isNew: true,
      isRunning: true,
      source: "managed",
      version: expect.stringMatching(/^3\./),
    });
    expect(await ops["mlflow.start"]({}, context)).toMatchObject({ isNew: false, uri: started.uri, pid: started.pid });
    tracking = await core.tracking();
    expect(tracking).toMatchObject({ source: "managed", uri: started.uri });
  });

  test("prints its address if there is no display", async () => {
    const runId = await trainedRun();
    expect(await ops["mlflow.open"]({ print: false }, context)).toEqual({ url: tracking.uri, isOpened: false });
    expect(await ops["mlflow.open"]({ run: "latest", print: true }, context)).toEqual({
      url: `${tracking.uri}/#/runs/${runId}`,
      isOpened: false,
    });
  });

  test("that someone names is used, and one that isn't MLflow stops at once", async () => {
    const named = trackingOps(coreOf({ ...process.env, MLFLOW_TRACKING_URI: tracking.uri }));
    expect(await named["mlflow.status"]({}, context)).toMatchObject({
      source: "MLFLOW_TRACKING_URI",
      isRunning: true,
      pid: null,
    });
    const wrong = coreOf({ ...process.env, MLFLOW_TRACKING_URI: "sqlite:///x.db" });
    await expect(wrong.tracking()).rejects.toMatchObject({ code: "tracking/not-mlflow" });
    expect(await trackingOps(wrong)["mlflow.status"]({}, context)).toMatchObject({
      isRunning: false,
      problem: expect.any(String),
    });
  });
});

describe("a model", () => {
  test("is registered once per run, listed, shown and noted", async () => {
    const runId = await trainedRun();
    const first = await ops["models.register"]({ run: runId }, context);
    expect(first).toEqual({ name: "shops_model", version: "1", runId, isNew: true });
    expect(await ops["models.register"]({ run: runId.slice(0, 8) }, context)).toEqual({ ...first, isNew: false });
    const later = await trainedRun();
    await ops["models.register"]({ run: later }, context);
    await tracking.client.setAlias("shops_model", "champion", "1");
    expect(await ops["models.list"]({}, context)).toEqual({
      models: [{ name: "shops_model", latest: "2", versions: 2, aliases: { champion: "1" } }],
    });
    const { versions } = await ops["models.show"]({ name: "shops_model" }, context);
    expect(versions.map((it) => [it.version, it.runId, it.aliases])).toEqual([
      ["2", later, []],
      ["1", runId, ["champion"]],
    ]);
    expect(modelsOfRun(core.catalogue(), runId)).toMatchObject([{ name: "shops_model", version: "1", digest }]);
    await expect(ops["models.show"]({ name: "shops_model", version: "9" }, context)).rejects.toMatchObject({
      code: "models/not-found",
      hint: "It has the versions 1, 2.",
    });
  });

  test("of a run that uploaded none isn't registered", async () => {
    const runId = await trainedRun();
    await tracking.client.deleteArtifact({ runId, artifactPath: "model" });
    await expect(ops["models.register"]({ run: runId }, context)).rejects.toMatchObject({ code: "models/not-found" });
  });

  test("is verified down to a load in a child process", async () => {
    const runId = await trainedRun();
    const { version } = await ops["models.register"]({ run: runId }, context);
    await tracking.client.setModelVersionTag({ modelName: "shops_model", version }, "signalbox.model_type", "ridge");
    const verified = await ops["models.verify"]({ name: "shops_model", version, trust: false }, context);
    expect(verified).toMatchObject({ version, chosenAs: "named", runId, digest });
    expect(verified.checks.map((check) => [check.check, check.isPassed])).toEqual(
      ["status", "source-run", "files", "digest", "signature", "load", "parameters", "metrics"].map((name) => [
        name,
        true,
      ]),
    );
  });

  test("in production is the one that is verified where none is named", async () => {
    const { client } = tracking;
    const runs = [await trainedRun(), await trainedRun()];
    const versions: string[] = [];
    for (const run of runs) versions.push((await ops["models.register"]({ run }, context)).version);
    for (const version of versions)
      await client.setModelVersionTag({ modelName: "shops_model", version }, "signalbox.model_type", "ridge");
    const [older = "", newer = ""] = versions;
    const verify = (version?: string) => ops["models.verify"]({ name: "shops_model", version, trust: false }, context);
    await client.deleteAlias("shops_model", "champion");
    expect(await verify()).toMatchObject({ version: newer, chosenAs: "highest" });
    await client.setAlias("shops_model", "champion", older);
    expect(await verify()).toMatchObject({ version: older, chosenAs: "production" });
    expect(await verify(newer)).toMatchObject({ version: newer, chosenAs: "named" });
    await client.deleteAlias("shops_model", "champion");
  });

  test("whose type isn't known, as another program registers it, is loaded on trust alone", async () => {
    const runId = await trainedRun();
    const { version } = await ops["models.register"]({ run: runId }, context);
    const verify = (trust: boolean) => ops["models.verify"]({ name: "shops_model", version, trust }, context);
    await expect(verify(false)).rejects.toMatchObject({
      details: { findings: expect.arrayContaining([expect.stringMatching(/not-loadable.*another program/)]) },
    });
    const { checks } = await verify(true);
    expect(checks.find(({ check }) => check === "load")).toMatchObject({ isPassed: true });
  });

  test("that fails is failed by every check at once, each with its code, and isn't loaded once its files changed", async () => {
    const runId = await trainedRun({ params: { split_version: "1" }, metrics: { train_rmse: 1 } });
    const { version } = await ops["models.register"]({ run: runId }, context);
    await tracking.client.setModelVersionTag({ modelName: "shops_model", version }, "signalbox.model_type", "ridge");
    await tracking.client.uploadText({ runId, artifactPath: "model/requirements.txt", text: "other" });
    const failure = ops["models.verify"]({ name: "shops_model", version, trust: false }, context);
    await expect(failure).rejects.toMatchObject({
      code: "models/verification-failed",
      details: {
        findings: [
          expect.stringContaining("digest-changed"),
          expect.stringContaining("signature-not-measured"),
          expect.stringContaining("not-loadable"),
          expect.stringMatching(/parameters-missing.*feature_version, model_version, data_contract_version/),
          expect.stringContaining("metrics-missing"),
        ],
      },
    });
  });
});

describe("stopping the server", () => {
  test("reports whether one was running", async () => {
    expect(await ops["mlflow.stop"]({}, context)).toEqual({ wasRunning: true });
    expect(await ops["mlflow.stop"]({}, context)).toEqual({ wasRunning: false });
  });
});
