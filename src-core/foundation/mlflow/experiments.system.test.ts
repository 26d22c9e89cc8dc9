import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../../../test/support/mlflow-server.ts";
import { createMlflowClient, type MlflowClient } from "./client.ts";

let server: TestServer;
let client: MlflowClient;
beforeAll(async () => {
  server = await startTestServer();
  client = createMlflowClient({ uri: server.uri, pauseMs: 1 });
});
afterAll(() => server?.close());

async function tagsOf(name: string): Promise<Readonly<Record<string, string>>> {
  const query = new URLSearchParams({ experiment_name: name });
  const answer = await fetch(`${server.uri}/api/2.0/mlflow/experiments/get-by-name?${query}`);
  const { experiment } = (await answer.json()) as { experiment: { tags?: { key: string; value: string }[] } };
  return Object.fromEntries((experiment.tags ?? []).map(({ key, value }) => [key, value]));
}

describe("tags of an experiment", () => {
  test("are set, and the last value wins", async () => {
    const { experimentId } = await client.ensureExperiment("tagged");
    await client.setExperimentTags(experimentId, { "signalbox.plan_hash": "a", "signalbox.plan_trained": "3" });
    await client.setExperimentTags(experimentId, { "signalbox.plan_hash": "b" });
    expect(await tagsOf("tagged")).toMatchObject({ "signalbox.plan_hash": "b", "signalbox.plan_trained": "3" });
  });

  test("hold a plan's whole summary as JSON", async () => {
    const { experimentId } = await client.ensureExperiment("summary");
    const counts = { planned: 12, trained: 9, note: "é\u{1F6EB}".repeat(200) };
    await client.setExperimentTags(experimentId, { "signalbox.plan_summary": JSON.stringify(counts) });
    expect(JSON.parse((await tagsOf("summary"))["signalbox.plan_summary"] ?? "")).toEqual(counts);
  });

  test("of none change nothing", async () => {
    const { experimentId } = await client.ensureExperiment("untagged");
    await client.setExperimentTags(experimentId, {});
    expect(await tagsOf("untagged")).toEqual({});
  });

  test("of an experiment that isn't there are an error with a code", async () => {
    await expect(client.setExperimentTags("999999", { a: "b" })).rejects.toMatchObject({ code: "tracking/not-found" });
  });
});

describe("an experiment that is created with tags", () => {
  test("has them from the beginning, and whoever comes later finds those of the first", async () => {
    const made = await Promise.all(["a", "b", "c"].map((owner) => client.ensureExperiment("owned", { owner })));
    const [{ tags } = { tags: {} }] = made;
    expect(Object.keys(tags)).toEqual(["owner"]);
    for (const each of made) expect(each).toEqual(made[0]);
    expect(await client.getExperiment(made[0]?.experimentId ?? "")).toEqual(made[0]);
  });
});

describe("experiments of a project", () => {
  test("are found by their tag, each under its own name", async () => {
    const names = ["odd_training", "odd_training.late", "odd_training.late.UA"];
    for (const name of names) await client.ensureExperiment(name, { "signalbox.project_id": "one" });
    await client.ensureExperiment("odd_training.other", { "signalbox.project_id": "two" });
    await client.ensureExperiment("odd_training.untagged");
    const found = await client.experimentsTagged("signalbox.project_id", "one");
    expect(found.map(({ name }) => name)).toEqual(names);
    expect(await client.experimentsTagged("signalbox.project_id", "nobody")).toEqual([]);
  });

  test("may be named as targets and segments are", async () => {
    const name = "odd_training.~2F\u{1F6EB} 'x' 100%";
    const { experimentId } = await client.ensureExperiment(name);
    expect((await client.findExperiment(name))?.experimentId).toBe(experimentId);
  });
});
