import { rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "../../../../test/support/mlflow-server.ts";
import { plainFiles, plainProject, projectId } from "../../../../test/support/plain-project.ts";
import { contentsOf, type ProjectApp, projectApp } from "../../../../test/support/project-app.ts";
import { recordDecision, recordRun } from "../../../../test/support/recorded/recorded-runs.ts";
import type { Tracking } from "../../../foundation/context.ts";
import { createMlflowClient, type MlflowClient } from "../../../foundation/mlflow/client.ts";
import { projectIdTag } from "../../../foundation/mlflow/project-tags.ts";
import {
  moveAlias,
  productionAlias,
  registerModelVersion,
} from "../../../foundation/mlflow/registry/registry-promotion.ts";
import { headTagOf, ledgerActorTag, ledgerHeadTag } from "../../ledger/head-tag.ts";

const otherId = projectId.replaceAll("a", "0");
let server: TestServer;
let client: MlflowClient;
let tracking: Tracking;
/** Two projects of one folder name, by their ids. */
let ours: ProjectApp;
let theirs: ProjectApp;
let runs = 0;

const open = (id: string, actor: string) =>
  projectApp(plainProject({ "signalbox.yaml": `${plainFiles["signalbox.yaml"]?.replace(projectId, id)}` }), {
    env: { MLFLOW_TRACKING_URI: server.uri, SIGNALBOX_ACTOR: actor },
  });

beforeAll(async () => {
  server = await startTestServer();
  client = createMlflowClient({ uri: server.uri });
  tracking = { client, uri: server.uri, source: "flag" };
  ours = open(projectId, "ada");
  theirs = open(otherId, "eve");
});
afterAll(async () => {
  for (const app of [ours, theirs]) {
    await app?.close();
    if (app !== undefined) rmSync(app.core.projectDir, { recursive: true, force: true });
  }
  client?.close();
  await server?.close();
});

/** A version in production that some program registered without marking the model. */
async function unmarkedProduction(experiment: string, modelName: string) {
  const { experimentId } = await client.ensureExperiment(experiment);
  runs += 1;
  const { runId } = await client.createRun({ experimentId, requestId: `r${runs}`, name: "r", startTimeMs: runs });
  const digest = `${runs}`.padStart(64, "0");
  const { version } = await registerModelVersion({ client, runId, modelName, digest, tags: {} });
  await moveAlias({ client, modelName, alias: productionAlias, version });
  return { runId, version };
}

const names = (name: string) => ({ experiment: `${name}_training`, registeredModel: `${name}_model` });
const ownerOf = async (name: string) => ({
  experiment: (await client.findExperiment(names(name).experiment))?.tags[projectIdTag],
  model: (await client.getRegisteredModel(names(name).registeredModel))?.tags[projectIdTag],
});

describe("names that nobody has", () => {
  it("belong to who claims them, and are refused to every other project by name, id and hands", async () => {
    await ours.core.ownership.claimExperiment(tracking, names("new"));
    await ours.core.ownership.claimModel(tracking, names("new"));
    expect(await ownerOf("new")).toEqual({ experiment: projectId, model: projectId });
    const asked = { experiment: names("new").experiment };
    for (const refused of [
      () => theirs.core.ownership.check(tracking, [asked]),
      () => theirs.core.ownership.claimExperiment(tracking, asked),
      () => theirs.core.ownership.claimModel(tracking, { registeredModel: names("new").registeredModel }),
    ])
      await expect(refused()).rejects.toMatchObject({
        code: "projects/foreign",
        message: expect.stringMatching(/'shops', id a1b2c3d4, first used by ada\)/),
        details: { owner: projectId, ownerName: "shops", id: otherId },
        next: [{ operation: "projects.fork" }],
      });
    await ours.core.ownership.check(tracking, [names("new")]);
    expect(await ownerOf("new")).toEqual({ experiment: projectId, model: projectId });
  });

  it("go to exactly one of two projects that claim them at once", async () => {
    const outcomes = await Promise.allSettled(
      [ours, theirs].flatMap(({ core }) => [
        core.ownership.claimExperiment(tracking, { experiment: "race_training" }),
        core.ownership.claimModel(tracking, { registeredModel: "race_model" }),
      ]),
    );
    const { experiment, model } = await ownerOf("race");
    const has = (id: string | undefined) => (id === projectId ? 0 : 2);
    expect(outcomes.map(({ status }) => status)).toEqual(
      [0, 1, 2, 3].map((at) => {
        const winner = at % 2 === 0 ? has(experiment) : has(model) + 1;
        return at === winner ? "fulfilled" : "rejected";
      }),
    );
  });
});

describe("an experiment that was deleted on the server", () => {
  it("is found before anything is prepared, and its name stays the project's", async () => {
    const experimentId = await ours.core.ownership.claimExperiment(tracking, names("gone"));
    await fetch(`${tracking.uri}/api/2.0/mlflow/experiments/delete`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ experiment_id: experimentId }),
    });
    await expect(ours.core.ownership.check(tracking, [names("gone")])).rejects.toMatchObject({
      code: "tracking/rejected",
      hint: expect.stringContaining(`mlflow experiments restore --experiment-id ${experimentId}`),
    });
    await expect(theirs.core.ownership.check(tracking, [names("gone")])).rejects.toMatchObject({
      code: "projects/foreign",
    });
  });
});

describe("names without a mark", () => {
  it("are taken where nothing is in production", async () => {
    await client.ensureExperiment(names("empty").experiment);
    await client.ensureRegisteredModel(names("empty").registeredModel);
    await ours.core.ownership.claimExperiment(tracking, names("empty"));
    await ours.core.ownership.claimModel(tracking, names("empty"));
    expect(await ownerOf("empty")).toEqual({ experiment: projectId, model: projectId });
  });

  it("are refused where the ledger doesn't know what is in production, and stay unmarked", async () => {
    await unmarkedProduction(names("old").experiment, names("old").registeredModel);
    for (const claim of [
      () => ours.core.ownership.claimExperiment(tracking, names("old")),
      () => ours.core.ownership.claimModel(tracking, names("old")),
    ])
      await expect(claim()).rejects.toMatchObject({
        code: "projects/foreign",
        message: expect.stringMatching(/champion is version 1 .* no entry of the ledger is about/),
      });
    expect(await ownerOf("old")).toEqual({ experiment: undefined, model: undefined });
  });

  it("are taken where the ledger has what is in production", async () => {
    const { runId, version } = await unmarkedProduction(names("shops").experiment, names("shops").registeredModel);
    recordRun(ours.core, { runId });
    await recordDecision(ours.core, { runId, version, alias: { before: null, after: version } });
    await ours.core.ownership.claimExperiment(tracking, names("shops"));
    await ours.core.ownership.claimModel(tracking, names("shops"));
    expect(await ownerOf("shops")).toEqual({ experiment: projectId, model: projectId });
  });
});

describe("operations of a project whose names are another's", () => {
  it("are refused, and change neither project nor server", async () => {
    const { runId, version } = await unmarkedProduction("elsewhere", "elsewhere");
    recordRun(theirs.core, { runId });
    await recordDecision(theirs.core, {
      runId,
      version,
      alias: { before: null, after: null },
      more: { verdict: "REJECT" },
    });
    const foreign = { code: "projects/foreign" };
    await expect(theirs.call("promotion.override", { run: "#1", reason: "mine" })).rejects.toMatchObject(foreign);
    const before = [contentsOf(theirs), await client.getAlias("shops_model", productionAlias)];
    await expect(theirs.call("promotion.override", { run: "#1", reason: "mine" })).rejects.toMatchObject(foreign);
    await expect(theirs.call("promotion.rollback", { reason: "mine" })).rejects.toMatchObject(foreign);
    await expect(theirs.call("runs.start", { dryRun: true })).rejects.toMatchObject(foreign);
    expect([contentsOf(theirs), await client.getAlias("shops_model", productionAlias)]).toEqual(before);
    const { checks } = await theirs.call("environment.check", {});
    expect(checks.find(({ name }) => name === "Names on the server")).toMatchObject({
      state: "problem",
      found: expect.stringContaining("belongs to another project"),
    });
  });
});

describe("the last entry that the server knows", () => {
  const job = "shops_training.sales.north";
  const note = async (head: { readonly entries: number; readonly hash: string }) => {
    const { experimentId } = await client.ensureExperiment(job, { [projectIdTag]: projectId });
    await client.setExperimentTags(experimentId, { [ledgerHeadTag]: headTagOf(head), [ledgerActorTag]: "bob" });
  };

  it("is asked of the experiments of a plan's jobs too, and must be in the ledger", async () => {
    const [entry] = await ours.core.ledger.read();
    await note({ entries: 1, hash: entry?.hash ?? "" });
    await ours.core.ownership.check(tracking, [names("shops")]);
    await note({ entries: 2, hash: "d".repeat(64) });
    const roll = () => ours.call("promotion.rollback", { reason: "back" });
    await expect(roll()).rejects.toMatchObject({ code: "ledger/other-head" });
    const before = contentsOf(ours);
    for (const refused of [
      () => ours.core.ownership.check(tracking, [names("shops")]),
      () => ours.core.ownership.claimModel(tracking, names("shops")),
      () => ours.call("runs.start", { dryRun: true }),
      roll,
    ])
      await expect(refused()).rejects.toMatchObject({
        code: "ledger/other-head",
        message: expect.stringMatching(
          new RegExp(`knows entry 2 .*hash dddddddddddd, by bob, experiment '${job}'.* ends with entry 1`),
        ),
        // The project isn't in a repository.
        next: [],
      });
    expect(contentsOf(ours)).toEqual(before);
  });

  it("is another entry under a number of ours: what differs is named", async () => {
    await note({ entries: 1, hash: "e".repeat(64) });
    await expect(ours.core.ownership.check(tracking, [names("shops")])).rejects.toMatchObject({
      code: "ledger/other-head",
      message: expect.stringMatching(/Entry 1 .* differs: .*eeeeeeeeeeee, by bob.* the ledger here has .*by ada/),
      next: [{ operation: "projects.fork" }],
    });
    await theirs.core.ledger.checkServer(tracking);
  });
});
