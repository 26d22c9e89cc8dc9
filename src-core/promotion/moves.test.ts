import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bareCore } from "../../test/support/bare-core.ts";
import { startTestServer, type TestServer } from "../../test/support/mlflow-server.ts";
import type { Core, Project } from "../context.ts";
import type { DecisionRow } from "../contract/promotion.ts";
import { projectPaths } from "../files/paths.ts";
import { appendEntry } from "../ledger/append.ts";
import { readLedger } from "../ledger/read.ts";
import { createMlflowClient, type MlflowClient } from "../mlflow/client.ts";
import { moveAlias, productionAlias, productionOf, registerModelVersion } from "../mlflow/registry-promotion.ts";
import { rollback } from "./moves.ts";
import { putDecision } from "./store.ts";

let server: TestServer;
let client: MlflowClient;
let core: Core;
let root: string;
let runs = 0;

beforeAll(async () => {
  server = await startTestServer();
  client = createMlflowClient({ uri: server.uri });
  root = mkdtempSync(path.join(os.tmpdir(), "signalbox-moves-"));
  const bare = bareCore(root, { SIGNALBOX_ACTOR: "ada" });
  const paths = projectPaths(root);
  const place = { paths, catalogue: bare.catalogue(), clock: bare.clock };
  const project = { paths, experiment: "tried_training", registeredModel: "tried_model" } as Project;
  core = {
    ...bare,
    project: () => project,
    tracking: async () => ({ client, uri: server.uri, source: "flag" }),
    ledger: { read: async () => readLedger(paths.ledgerFile), append: async (entry) => appendEntry(place, entry) },
  };
});
afterAll(async () => {
  await server?.close();
  core?.catalogue().close();
  rmSync(root, { recursive: true, force: true });
});

/** Registers a version and makes it production, as a decision of the gate would. */
async function promoted(modelName: string): Promise<string> {
  runs += 1;
  const { experimentId } = await client.ensureExperiment("tried_training");
  const { runId } = await client.createRun({ experimentId, requestId: `r${runs}`, name: "r", startTimeMs: runs });
  const { version } = await registerModelVersion({ client, runId, modelName, digest: `${runs}`.repeat(64), tags: {} });
  const { before } = await moveAlias({ client, modelName, alias: productionAlias, version });
  const decision: DecisionRow = {
    ...{ ledgerIndex: 1_000 + runs, kind: "decision", runId, modelName, modelVersion: version, verdict: "PROMOTE" },
    ...{ reason: "better", actor: "ada", productionBefore: before, productionAfter: version, decidedAt: runs },
  };
  core.catalogue().write((writer) => putDecision(writer, decision));
  return version;
}

const production = async (modelName: string) => (await productionOf({ client, modelName }))?.version;

describe("a rollback of a plan's model", () => {
  const late = "tried.late.UA";

  test("moves that model back to its version before, and no other's", async () => {
    for (const name of [late, late, "tried_model", "tried_model"]) await promoted(name);
    const done = await rollback(core, { model: late, reason: "complaints" });
    expect(done).toMatchObject({ modelName: late, from: "2", to: "1" });
    expect(await production(late)).toBe("1");
    expect(await production("tried_model")).toBe("2");
    const entry = (await core.ledger.read()).find(({ index }) => index === done.ledgerIndex);
    expect(entry).toMatchObject({
      ...{ kind: "rollback", actor: "ada" },
      body: { modelName: late, fromVersion: "2", toVersion: "1", reason: "complaints" },
    });
  });

  test("is of the project's own model where none is named", async () => {
    expect(await rollback(core, { reason: "complaints" })).toMatchObject({ modelName: "tried_model", to: "1" });
    expect(await production("tried_model")).toBe("1");
  });

  test("may name the version", async () => {
    expect(await rollback(core, { model: late, to: "2", reason: "after all" })).toMatchObject({ from: "1", to: "2" });
    await expect(rollback(core, { model: late, to: "9", reason: "x" })).rejects.toMatchObject({
      code: "models/not-found",
      message: `${late} has no version 9.`,
    });
  });
});

describe("a model without anything to go back to", () => {
  test.each([
    ["was never registered", "tried.nobody", 0, "tried.nobody has no production version"],
    ["had one version alone", "tried.once", 1, "version 1 is the first that tried.once had in production"],
  ])("%s", async (_, model, versions, why) => {
    for (let made = 0; made < versions; made++) await promoted(model);
    await expect(rollback(core, { model, reason: "x" })).rejects.toMatchObject({
      code: "promotion/nothing-to-roll-back",
      message: `There is nothing to move: ${why}.`,
    });
  });

  test("is in production already", async () => {
    await promoted("tried.twice");
    await expect(rollback(core, { model: "tried.twice", to: "1", reason: "x" })).rejects.toThrow(
      "version 1 is production already",
    );
  });
});
