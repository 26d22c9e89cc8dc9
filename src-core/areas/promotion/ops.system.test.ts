import { rmSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../../../test/support/mlflow-server.ts";
import { plainProject } from "../../../test/support/plain-project.ts";
import { contentsOf, type ProjectApp, projectApp } from "../../../test/support/project-app.ts";
import { recordDecision, recordRun } from "../../../test/support/recorded/recorded-runs.ts";
import type { Verdict } from "../../contract/runs/stage-results.ts";
import { createMlflowClient, type MlflowClient } from "../../foundation/mlflow/client.ts";
import {
  moveAlias,
  productionAlias,
  productionOf,
  registerModelVersion,
} from "../../foundation/mlflow/registry/registry-promotion.ts";

const modelName = "shops_model";
let server: TestServer;
let client: MlflowClient;
let app: ProjectApp;
let runs: readonly string[];

beforeAll(async () => {
  server = await startTestServer();
  client = createMlflowClient({ uri: server.uri });
  app = projectApp(plainProject(), { env: { MLFLOW_TRACKING_URI: server.uri, SIGNALBOX_ACTOR: "eve" } });
  runs = [await decided(1, "PROMOTE"), await decided(2, "PROMOTE"), await decided(3, "REJECT")];
});
afterAll(async () => {
  await app?.close();
  client?.close();
  await server?.close();
  if (app !== undefined) rmSync(app.core.projectDir, { recursive: true, force: true });
});

/** A run with a registered version and a decision on it that was carried out, as the pipeline leaves one. */
async function decided(number: number, verdict: Verdict): Promise<string> {
  const { experimentId } = await client.ensureExperiment("shops_training");
  const { runId } = await client.createRun({ experimentId, requestId: `${number}`, name: "r", startTimeMs: number });
  const digest = `${number}`.padStart(64, "0");
  const { version } = await registerModelVersion({ client, runId, modelName, digest, tags: {} });
  recordRun(app.core, { runId });
  const before = (await productionOf({ client, modelName }))?.version ?? null;
  const after = verdict === "PROMOTE" ? version : before;
  await recordDecision(app.core, { runId, version, alias: { before, after }, more: { verdict } });
  await moveAlias({ client, modelName, alias: productionAlias, version: after });
  return runId;
}

const production = async () => (await productionOf({ client, modelName }))?.version;
const lastEntry = async () => (await app.core.ledger.read()).at(-1);

// One story in order: 2 is in production, a person forces 3 in, and goes back.
describe("moving production by hand", () => {
  it("promotes a rejected run for a reason that ledger, registry and run carry", async () => {
    const reason = "needed for the harbour";
    expect(await production()).toBe("2");
    expect(await app.call("promotion.override", { run: "#3", reason })).toEqual({
      ...{ modelName, version: "3", verdict: "REJECT", before: "2", ledgerIndex: 4 },
    });
    expect(await production()).toBe("3");
    expect(await lastEntry()).toMatchObject({
      ...{ index: 4, kind: "override", actor: "eve" },
      body: { runId: runs[2], fromVersion: "2", toVersion: "3", reason, decisionIndex: 3 },
    });
    expect((await client.getModelVersion(modelName, "3"))?.tags).toMatchObject({ "signalbox.override": reason });
    expect((await app.call("promotion.show", { run: "#3" })).later).toMatchObject([{ kind: "override", reason }]);
  });

  it("goes back to the version before, and from there to the first", async () => {
    const back = await app.call("promotion.rollback", { reason: "the harbour complained" });
    expect(back).toEqual({ modelName, from: "3", to: "2", ledgerIndex: 5 });
    expect(await production()).toBe("2");
    expect(await app.call("promotion.rollback", { model: modelName, to: "1", reason: "all of it" })).toMatchObject({
      ...{ from: "2", to: "1", ledgerIndex: 6 },
    });
    expect(await production()).toBe("1");
    const { decisions } = await app.call("promotion.list", { limit: 3 });
    expect(decisions.map((it) => [it.kind, it.productionBefore, it.productionAfter])).toEqual([
      ["rollback", "2", "1"],
      ["rollback", "3", "2"],
      ["override", "2", "3"],
    ]);
  });
});

describe("a move that can't be made", () => {
  let before: unknown;
  beforeEach(() => {
    before = contentsOf(app);
  });
  const refuses = async (move: Promise<unknown>, code: string) => {
    await expect(move).rejects.toMatchObject({ code });
    expect(contentsOf(app)).toEqual(before);
    expect(await production()).toBe("1");
  };

  it("is behind the first version, to one that isn't there, or of a model nobody registered", async () => {
    await refuses(app.call("promotion.rollback", { reason: "x" }), "promotion/nothing-to-roll-back");
    await refuses(app.call("promotion.rollback", { to: "9", reason: "x" }), "models/not-found");
    await refuses(app.call("promotion.rollback", { model: "nobody", reason: "x" }), "promotion/nothing-to-roll-back");
  });

  it("is of a run that isn't there", async () => {
    await refuses(app.call("promotion.override", { run: "#9", reason: "x" }), "runs/not-found");
  });

  it("meets a registry that can't be reached", async () => {
    const away = projectApp(app.core.projectDir, { env: { MLFLOW_TRACKING_URI: "http://127.0.0.1:9" } });
    try {
      await refuses(away.call("promotion.rollback", { reason: "x" }), "tracking/unreachable");
      await refuses(away.call("promotion.override", { run: "#3", reason: "x" }), "tracking/unreachable");
    } finally {
      await away.close();
    }
  });
});

it("a run that nobody decided on can't be promoted by hand", async () => {
  recordRun(app.core, { runId: "eeee0001" });
  await expect(app.call("promotion.override", { run: "latest", reason: "x" })).rejects.toMatchObject({
    code: "promotion/not-decided",
  });
  expect(await production()).toBe("1");
});
