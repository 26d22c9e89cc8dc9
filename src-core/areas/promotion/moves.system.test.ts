import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { bareCore } from "../../../test/support/bare-core.ts";
import { decisionBody } from "../../../test/support/decision-body.ts";
import { madeProject } from "../../../test/support/made-project.ts";
import { startTestServer, type TestServer } from "../../../test/support/mlflow-server.ts";
import { AppError } from "../../contract/errors.ts";
import type { Core, Offers } from "../../foundation/context.ts";
import { createMlflowClient, type MlflowClient } from "../../foundation/mlflow/client.ts";
import {
  moveAlias,
  productionAlias,
  productionOf,
  registerModelVersion,
} from "../../foundation/mlflow/registry/registry-promotion.ts";
import { deliverDue } from "../outbox/deliver.ts";
import { pendingItems, putItem } from "../outbox/store.ts";
import { applyVerdict } from "./decide/apply.ts";
import { entryItem, entryKind } from "./decide/entry-item.ts";
import { type DecisionEntry, putRows } from "./decide/record-decision.ts";
import { entryDeliverer } from "./deliver-entry.ts";
import { override, rollback, settleMove } from "./moves.ts";
import { lastDecision } from "./store.ts";

let server: TestServer;
let client: MlflowClient;
/** What the moves under test talk to. */
let tracked: MlflowClient;
let core: Core & Offers;
let root: string;
let runs = 0;

beforeAll(async () => {
  server = await startTestServer();
  client = createMlflowClient({ uri: server.uri });
  tracked = client;
  root = mkdtempSync(path.join(os.tmpdir(), "signalbox-moves-"));
  const project = madeProject(root);
  core = {
    ...bareCore(root, { SIGNALBOX_ACTOR: "ada" }, () => project),
    tracking: async () => ({ client: tracked, uri: server.uri, source: "flag" }),
  };
});
beforeEach(() => {
  tracked = client;
});
afterAll(async () => {
  await server?.close();
  core?.catalogue().close();
  rmSync(root, { recursive: true, force: true });
});

/** Registers a version of a run of its own. */
async function registered(modelName: string): Promise<{ readonly version: string; readonly runId: string }> {
  runs += 1;
  const { experimentId } = await client.ensureExperiment("tried_training");
  const { runId } = await client.createRun({ experimentId, requestId: `r${runs}`, name: "r", startTimeMs: runs });
  const digest = `${runs}`.padStart(64, "0");
  const { version } = await registerModelVersion({ client, runId, modelName, digest, tags: {} });
  return { version, runId };
}

/** The decision that puts a new version into production, recorded and not yet carried out. */
async function decided(modelName: string, gate: { readonly useStages?: boolean } = {}): Promise<DecisionEntry> {
  const { version, runId } = await registered(modelName);
  const before = (await productionOf({ client, modelName }))?.version ?? null;
  const alias = { before, after: version };
  const body = decisionBody({ runId, modelName, version, alias, useStages: gate.useStages ?? false });
  const entry = await core.ledger.append({ kind: "decision", actor: "ada", body }, { alsoWrite: putRows });
  return entry as DecisionEntry;
}

const carryOut = (entry: DecisionEntry) => {
  const { runId, gate } = entry.body;
  const context = {
    core,
    runId,
    tracking: { client, uri: server.uri, source: "flag" },
    configs: { promotion: { value: gate } },
  };
  return applyVerdict(context, entry);
};

async function promoted(modelName: string, gate: { readonly useStages?: boolean } = {}): Promise<DecisionEntry> {
  const entry = await decided(modelName, gate);
  await carryOut(entry);
  return entry;
}

/** MLflow, but the next move of the alias gets no answer and does nothing. */
function losingAlias(): void {
  let isLost = false;
  const setAlias: MlflowClient["setAlias"] = async (...asked) => {
    if (isLost) return await client.setAlias(...asked);
    isLost = true;
    throw new AppError({ code: "tracking/unreachable", message: "The server went away." });
  };
  tracked = { ...client, setAlias };
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

  test("is of the project's model by default", async () => {
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
    ["had one version alone", "tried.once", 1, "version 1 is the first production version of tried.once"],
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
      "version 1 is already in production",
    );
  });
});

describe("the past of a model", () => {
  const model = "tried.past";

  test("is rolled back step by step, never to a version that was rolled back", async () => {
    for (let made = 0; made < 3; made++) await promoted(model);
    expect(await rollback(core, { model, reason: "x" })).toMatchObject({ from: "3", to: "2" });
    expect(await rollback(core, { model, reason: "x" })).toMatchObject({ from: "2", to: "1" });
    await expect(rollback(core, { model, reason: "x" })).rejects.toThrow("version 1 is the first");
    expect(await production(model)).toBe("1");
  });

  test("holds no version that was never in production", async () => {
    const { version } = await registered(model);
    await expect(rollback(core, { model, to: version, reason: "x" })).rejects.toMatchObject({
      code: "promotion/nothing-to-roll-back",
      message: `Version ${version} of ${model} was never in production, so you can't roll back to it.`,
    });
    expect(await production(model)).toBe("1");
  });

  test("keeps its last verdict after a person moved it", async () => {
    const decision = (await core.ledger.read()).findLast((it) => it.kind === "decision");
    expect((await core.ledger.read()).at(-1)?.kind).toBe("rollback");
    expect(lastDecision(core.catalogue())).toMatchObject({ ledgerIndex: decision?.index, verdict: "PROMOTE" });
  });

  test("is left alone by a decision that is carried out again after it was rolled back", async () => {
    await promoted("tried.again");
    const second = await promoted("tried.again");
    await rollback(core, { model: "tried.again", reason: "x" });
    await carryOut(second);
    expect(await production("tried.again")).toBe("1");
  });

  test("isn't moved by a decision that failed before a person moved it", async () => {
    for (let made = 0; made < 2; made++) await promoted("tried.late");
    const lost = await decided("tried.late");
    await rollback(core, { model: "tried.late", reason: "x" });
    await carryOut(lost);
    expect(await production("tried.late")).toBe("1");
  });
});

describe("a move that was recorded while the registry went away", () => {
  test("is finished by the same command again, without a second entry", async () => {
    for (let made = 0; made < 3; made++) await promoted("tried.lost");
    losingAlias();
    await expect(rollback(core, { model: "tried.lost", reason: "x" })).rejects.toThrow("went away");
    expect(await production("tried.lost")).toBe("3");
    const entries = (await core.ledger.read()).length;
    const done = await rollback(core, { model: "tried.lost", reason: "x" });
    expect(done).toMatchObject({ from: "3", to: "2", ledgerIndex: entries });
    expect(await production("tried.lost")).toBe("2");
    expect(await core.ledger.read()).toHaveLength(entries);
  });

  test("is finished before the next decision, and left if it was carried out and undone elsewhere", async () => {
    const first = await promoted("tried.forced");
    const second = await promoted("tried.forced");
    await rollback(core, { model: "tried.forced", reason: "x" });
    losingAlias();
    await expect(override(core, { runId: second.body.runId, reason: "y" })).rejects.toThrow("went away");
    expect(await settleMove(core, client, "tried.forced")).toMatchObject({ kind: "override" });
    expect(await production("tried.forced")).toBe("2");
    await moveAlias({
      client,
      modelName: "tried.forced",
      alias: productionAlias,
      version: first.body.candidate.version,
    });
    expect(await settleMove(core, client, "tried.forced")).toBeNull();
    expect(await production("tried.forced")).toBe("1");
  });
});

describe("an entry in the outbox", () => {
  const model = "tried.pending";
  const deliver = (mayMove: boolean, run?: { readonly trackingUri: string; readonly isOwned: boolean }) => {
    const tracking = { client, uri: server.uri, source: "flag" } as const;
    return deliverDue(core, [entryDeliverer({ core, tracking, mayMove, runOf: () => run })], { isUrged: true });
  };
  const pending = () =>
    pendingItems(core.catalogue())
      .filter(({ payload }) => payload.modelName === model)
      .map(({ payload, tried }) => [payload.index, tried]);

  test("is nothing once it is carried out, by its stage or its command", async () => {
    for (let made = 0; made < 3; made++) await promoted(model);
    await rollback(core, { model, reason: "x" });
    expect(pending()).toEqual([]);
  });

  test("is a move that the registry never got: with the error, until a command about production carries it out", async () => {
    losingAlias();
    await expect(rollback(core, { model, reason: "x" })).rejects.toThrow("went away");
    const { length } = await core.ledger.read();
    expect(pending()).toEqual([[length, 1]]);
    await deliver(false);
    expect([await production(model), pending()]).toEqual(["2", [[length, 1]]]);
    await deliver(true);
    expect([await production(model), pending()]).toEqual(["1", []]);
  });

  test("is a decision whose stage was killed: left to a process at work and its own server, else carried out", async () => {
    const { index } = await decided(model);
    await deliver(true, { trackingUri: server.uri, isOwned: true });
    await deliver(true, { trackingUri: "http://other", isOwned: false });
    expect([await production(model), pending()]).toEqual(["1", [[index, 0]]]);
    await deliver(true, { trackingUri: server.uri, isOwned: false });
    expect([await production(model), pending()]).toEqual(["4", []]);
  });

  test("is marked as done by a command that only reads if MLflow has its hash", async () => {
    const entry = await promoted(model);
    core.catalogue().write((writer) => putItem(writer, entryItem(entry)));
    await deliver(false);
    expect(pending()).toEqual([]);
  });

  test("remains with the reason if someone moved production elsewhere meanwhile", async () => {
    losingAlias();
    await expect(rollback(core, { model, to: "4", reason: "x" })).rejects.toThrow("went away");
    await moveAlias({ client, modelName: model, alias: productionAlias, version: "2" });
    await deliver(true);
    expect(await production(model)).toBe("2");
    const { error } = pendingItems(core.catalogue()).at(-1) ?? {};
    expect(error).toMatchObject({ code: "promotion/alias-moved", message: expect.stringContaining("now points to 2") });
    await promoted(model);
    await deliver(true);
    expect([await production(model), pending()]).toEqual(["6", []]);
  });

  test("of a ledger that was put back since is forgotten", async () => {
    core
      .catalogue()
      .write((writer) =>
        putItem(writer, { kind: entryKind, subject: "f".repeat(64), payload: { modelName: model }, putAt: 0 }),
      );
    await deliver(false);
    expect(pending()).toEqual([]);
  });
});

describe("a version that is another model on this server", () => {
  test("is never put into production: neither by override, nor by rollback, nor by a decision", async () => {
    const modelName = "counted_anew";
    const first = await promoted(modelName);
    const second = await promoted(modelName);
    await core.ownership.claimModel(await core.tracking(), { registeredModel: modelName });
    const known = {
      ...client,
      getModelVersion: async () => ({ ...(await client.getModelVersion(modelName, "1")), runId: "f".repeat(32) }),
    };
    const elsewhere = {
      ...core,
      tracking: async () => ({ client: known, uri: client.uri, source: "flag" }),
    } as typeof core;
    const entries = (await core.ledger.read()).length;
    const moves = [
      () => override(elsewhere, { runId: first.body.runId, reason: "x" }),
      () => rollback(elsewhere, { model: modelName, reason: "x" }),
      () => rollback(elsewhere, { model: modelName, to: "1", reason: "x" }),
    ];
    for (const move of moves)
      await expect(move()).rejects.toMatchObject({
        code: "promotion/other-model",
        message: expect.stringContaining("ffffffff"),
      });
    expect((await core.ledger.read()).length).toBe(entries);
    expect((await productionOf({ client, modelName }))?.version).toBe(second.body.candidate.version);
  });
});

test("MLflow's stages move with a rollback if the gate uses them", async () => {
  for (let made = 0; made < 2; made++) await promoted("tried.staged", { useStages: true });
  await rollback(core, { model: "tried.staged", reason: "x" });
  const stage = async (version: string) => (await client.getModelVersion("tried.staged", version))?.stage;
  expect([await stage("1"), await stage("2")]).toEqual(["Production", "Archived"]);
});
