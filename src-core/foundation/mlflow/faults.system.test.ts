import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { amountOf } from "../../../test/support/amounts.ts";
import { type Fault, type FaultyProxy, faults, startFaultyProxy } from "../../../test/support/mlflow-faulty-proxy.ts";
import { startTestServer, type TestServer, testPython } from "../../../test/support/mlflow-server.ts";
import { isSameProcessAlive } from "../files/process-identity.ts";
import { createMlflowClient, type MlflowClient } from "./client.ts";
import { isUncertain } from "./http/once.ts";
import { moveAlias, productionOf, registerModelVersion } from "./registry/registry-promotion.ts";
import { ensureServer, stopServer } from "./server/server.ts";
import { liveServer } from "./server/server-record.ts";

/** At least this many faults pass in the generated sequences; more than one may hit the same request's tries. */
const wantedFaults = amountOf("networkFaults");
const modelName = "faulty_model";

let server: TestServer;
let proxy: FaultyProxy;
let direct: MlflowClient;
let experimentId: string;
let scratch: string;

beforeAll(async () => {
  server = await startTestServer();
  proxy = await startFaultyProxy(server.uri, 5);
  direct = createMlflowClient({ uri: server.uri });
  ({ experimentId } = await direct.ensureExperiment("faults"));
  scratch = mkdtempSync(path.join(os.tmpdir(), "signalbox-faults-"));
  writeFileSync(path.join(scratch, "MLmodel"), "flavors: {}\n");
  writeFileSync(path.join(scratch, "model.skops"), "bytes");
});
afterAll(async () => {
  await proxy?.close();
  await server?.close();
  rmSync(scratch, { recursive: true, force: true });
});

let scenarios = 0;

/** A run from its creation to its promotion, as the pipeline does it; repeated as a whole where it gave up. */
async function wholeRun(client: MlflowClient, requestId: string): Promise<{ runId: string; version: string }> {
  const { runId } = await client.createRun({ experimentId, requestId, name: "r", startTimeMs: 1 });
  const metrics = [0, 1, 2].map((step) => ({ key: "loss", value: 1 / (step + 1), step, timestamp: step }));
  await client.logBatch({ runId, metrics, params: { split_version: "1" }, tags: { kind: "faulty" } });
  await client.uploadFolder({ runId, artifactPath: "model", folder: scratch, last: "MLmodel" });
  const { version } = await registerModelVersion({ client, runId, modelName, digest: "a".repeat(64), tags: {} });
  await moveAlias({ client, modelName, alias: "champion", version });
  await client.updateRun({ runId, status: "FINISHED", endTimeMs: 2 });
  return { runId, version };
}

async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (let round = 0; ; round++) {
    try {
      return await work();
    } catch (error) {
      if (!isUncertain(error) || round > 100) throw error;
    }
  }
}

describe("a network that drops, doubles, delays and breaks requests", () => {
  test("leaves exactly one run, one version and one alias move for each run", async () => {
    const seed = Number(process.env.SIGNALBOX_TEST_SEED ?? Date.now() % 2 ** 31);
    console.info(`faults: fast-check seed ${seed}`);
    let injected = 0;
    const chosen = fc.array(
      fc.oneof(
        { weight: 1, arbitrary: fc.constantFrom(...faults) },
        { weight: 1, arbitrary: fc.constant<Fault>("none") },
      ),
      {
        minLength: 40,
        maxLength: 60,
      },
    );
    await fc.assert(
      fc.asyncProperty(chosen, async (sequence) => {
        if (injected >= wantedFaults) return;
        scenarios += 1;
        const requestId = `faulty-${scenarios}`;
        const before = await direct.searchModelVersions(modelName).catch(() => []);
        let at = 0;
        proxy.setFaults(() => {
          // After the sequence the network is well, so that every scenario ends.
          const fault = sequence[at++] ?? "none";
          if (fault !== "none") injected += 1;
          return fault;
        });
        const client = createMlflowClient({ uri: proxy.uri, attempts: 3, pauseMs: 1 });
        const { runId, version } = await untilDone(() => wholeRun(client, requestId));
        client.close();
        proxy.setFaults(() => "none");

        const runs = await direct.searchRuns({
          experimentIds: [experimentId],
          filter: `tags.\`signalbox.request_id\` = '${requestId}'`,
        });
        expect(runs.map((run) => run.runId)).toEqual([runId]);
        expect(runs[0]).toMatchObject({ status: "FINISHED", params: { split_version: "1" }, tags: { kind: "faulty" } });
        expect(await direct.getMetricHistory(runId, "loss")).toHaveLength(3);
        const after = await direct.searchModelVersions(modelName);
        expect(after.length).toBe(before.length + 1);
        expect(after.filter((it) => it.runId === runId).map((it) => it.version)).toEqual([version]);
        expect(await productionOf({ client: direct, modelName })).toMatchObject({ version, runId });
        expect((await direct.listArtifacts({ runId, artifactPath: "" })).map((it) => it.path)).toEqual([
          "model/MLmodel",
          "model/model.skops",
        ]);
      }),
      { seed, numRuns: wantedFaults / 5, endOnFailure: true },
    );
    console.info(`faults: ${injected} in ${scenarios} runs`);
    expect(injected).toBeGreaterThanOrEqual(wantedFaults);
  }, 600_000);

  test("a request that arrives after its sender gave up makes no second run that stays", async () => {
    const slow = await startFaultyProxy(server.uri, 600);
    slow.setFaults(({ path: at }) => (at.endsWith("runs/create") && slow.seen.length < 4 ? "slow" : "none"));
    const client = createMlflowClient({ uri: slow.uri, timeoutMs: 200, pauseMs: 1 });
    const { runId } = await client.createRun({ experimentId, requestId: "late", name: "r", startTimeMs: 1 });
    await new Promise((resolve) => setTimeout(resolve, 800));
    const removed = await direct.removeDuplicateRuns({ experimentId, requestId: "late", keep: runId });
    expect(removed).toBeGreaterThan(0);
    const again = await direct.createRun({ experimentId, requestId: "late", name: "r", startTimeMs: 1 });
    expect(again.runId).toBe(runId);
    client.close();
    await slow.close();
  });

  test("a server killed in the middle of an upload is unreachable; started again, the upload is completed", async () => {
    const own = await startTestServer();
    const client = createMlflowClient({ uri: own.uri, attempts: 3, pauseMs: 5 });
    const folder = mkdtempSync(path.join(scratch, "big-"));
    for (let index = 0; index < 12; index++)
      writeFileSync(path.join(folder, `part-${index}`), Buffer.alloc(200_000, index));
    writeFileSync(path.join(folder, "MLmodel"), "flavors: {}\n");
    const { experimentId: where } = await client.ensureExperiment("killed");
    const { runId } = await client.createRun({ experimentId: where, requestId: "killed", name: "r", startTimeMs: 1 });
    const upload = { runId, artifactPath: "model", folder, last: "MLmodel" };
    let files = 0;
    const onProgress = () => {
      files += 1;
      if (files === 4) process.kill(-own.pid, "SIGKILL");
    };
    await expect(client.uploadFolder({ ...upload, onProgress })).rejects.toMatchObject({
      code: "tracking/unreachable",
    });
    const record = liveServer(own.folder);
    expect(record === undefined || !isSameProcessAlive(record.identity)).toBe(true);

    const again = await ensureServer({ folder: own.folder, python: testPython, env: process.env });
    expect(again.uri).toBe(own.uri);
    const left = await client.listArtifacts({ runId, artifactPath: "model" });
    expect(left.map((file) => file.path)).not.toContain("model/MLmodel");
    expect(await client.uploadFolder(upload)).toEqual({ files: 13, sizeBytes: 12 * 200_000 + 12 });
    await stopServer(own.folder, 500);
    await own.close();
  });
});
