import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../../../../test/support/mlflow-server.ts";
import { createMlflowClient, type MlflowClient } from "../client.ts";
import { archiveVersion, latestVersion, moveAlias, productionOf, registerModelVersion } from "./registry-promotion.ts";

let server: TestServer;
let client: MlflowClient;
let experimentId: string;

beforeAll(async () => {
  server = await startTestServer();
  client = createMlflowClient({ uri: server.uri });
  ({ experimentId } = await client.ensureExperiment("registry"));
});
afterAll(() => server?.close());

let runs = 0;
async function register(modelName: string) {
  runs += 1;
  const { runId } = await client.createRun({ experimentId, requestId: `r${runs}`, name: "r", startTimeMs: runs });
  const request = { client, runId, modelName, digest: "d".repeat(64), tags: { validation_status: "pending" } };
  return { request, runId, ...(await registerModelVersion(request)) };
}

describe("registering a run's model", () => {
  test("makes one version; again, it is found by its tag and its tags are brought up", async () => {
    const first = await register("team/flights..model:a");
    expect(first).toMatchObject({ version: "1", isNew: true });
    const again = await registerModelVersion({ ...first.request, tags: { validation_status: "approved" } });
    expect(again).toEqual({ version: "1", isNew: false });
    const [only, ...others] = await client.searchModelVersions("team/flights..model:a");
    expect(others).toEqual([]);
    expect(only).toMatchObject({ runId: first.runId, status: "READY" });
    expect(only?.tags).toMatchObject({ validation_status: "approved", "signalbox.model_digest": "d".repeat(64) });
    expect((await client.listRegisteredModels()).map((model) => model.name)).toContain("team/flights..model:a");
  });

  test("the latest of eleven versions is 11, not 9", async () => {
    for (let index = 0; index < 11; index++) await register("many");
    expect(latestVersion(await client.searchModelVersions("many"))?.version).toBe("11");
  });
});

describe("the production alias", () => {
  test("is null before the first, moves with its previous value, and can be reverted", async () => {
    const [one, two] = [await register("moves"), await register("moves")];
    const move = (version: string | null) => moveAlias({ client, modelName: "moves", alias: "champion", version });
    expect(await productionOf({ client, modelName: "moves" })).toBeNull();
    expect(await productionOf({ client, modelName: "never registered" })).toBeNull();
    expect(await move(one.version)).toEqual({ before: null, after: "1" });
    expect(await move(two.version)).toEqual({ before: "1", after: "2" });
    expect(await move(two.version)).toEqual({ before: "2", after: "2" });
    expect(await productionOf({ client, modelName: "moves" })).toEqual({
      version: "2",
      runId: two.runId,
      digest: "d".repeat(64),
    });
    expect(await move(null)).toEqual({ before: "2", after: null });
    expect(await move(null)).toEqual({ before: null, after: null });
  });

  test("a replaced version is marked as archived, and its stage moves if stages are used", async () => {
    const { version } = await register("stages");
    await client.transitionStage({ modelName: "stages", version }, "Production");
    await archiveVersion({ client, modelName: "stages", version, useStages: true });
    expect(await client.getModelVersion("stages", version)).toMatchObject({
      stage: "Archived",
      tags: { stage: "archived" },
    });
  });

  test("can't point to a version that isn't there", async () => {
    await register("few");
    await expect(client.setAlias("few", "champion", "7")).rejects.toMatchObject({ code: "tracking/not-found" });
    expect(await client.getModelVersion("few", "7")).toBeUndefined();
  });
});
