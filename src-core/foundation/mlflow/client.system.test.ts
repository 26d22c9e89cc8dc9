import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type FaultyProxy, startFaultyProxy } from "../../../test/support/mlflow-faulty-proxy.ts";
import { startTestServer, type TestServer } from "../../../test/support/mlflow-server.ts";
import { createMlflowClient, type MlflowClient } from "./client.ts";
import { parseAddress } from "./http/address.ts";
import type { MlflowRun } from "./http/schemas.ts";

let server: TestServer;
let proxy: FaultyProxy;
let client: MlflowClient;
let experimentId: string;
let scratch: string;
let requests = 0;

beforeAll(async () => {
  scratch = mkdtempSync(path.join(os.tmpdir(), "signalbox-client-"));
  server = await startTestServer();
  proxy = await startFaultyProxy(server.uri);
  client = createMlflowClient({ uri: server.uri, pauseMs: 1 });
  ({ experimentId } = await client.ensureExperiment("flights_training"));
});

afterAll(async () => {
  await proxy?.close();
  await server?.close();
  rmSync(scratch, { recursive: true, force: true });
});

function newRun(more: { tags?: Record<string, string> } = {}): Promise<MlflowRun> {
  requests += 1;
  return client.createRun({
    experimentId,
    requestId: `request-${requests}`,
    name: "a run",
    startTimeMs: 1_000,
    ...more,
  });
}

async function inputsOf(runId: string): Promise<readonly { readonly name: string; readonly digest: string }[]> {
  const answer = await fetch(`${server.uri}/api/2.0/mlflow/runs/get?run_id=${runId}`);
  const { run } = (await answer.json()) as {
    run: { inputs: { dataset_inputs: { dataset: { name: string; digest: string } }[] } };
  };
  return run.inputs.dataset_inputs.map((it) => it.dataset);
}

function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(path.join(scratch, "folder-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

const modelFiles = { MLmodel: "flavors: {}", "model.skops": "x".repeat(70_000), "code/own/ä é.py": "pass\n" };

describe("a run", () => {
  test("is created once for a request, however often it is repeated", async () => {
    const first = await newRun({ tags: { "signalbox.project": "flights" } });
    const again = await client.createRun({
      experimentId,
      requestId: `request-${requests}`,
      name: "a run",
      startTimeMs: 5_000,
    });
    expect(again.runId).toBe(first.runId);
    expect(again.tags["signalbox.project"]).toBe("flights");
  });

  test("ends, and a failed one runs again when it is resumed", async () => {
    const { runId } = await newRun();
    await client.updateRun({ runId, status: "FAILED", endTimeMs: 2_000 });
    expect(await client.getRun(runId)).toMatchObject({ status: "FAILED", endTimeMs: 2_000 });
    await client.updateRun({ runId, status: "RUNNING" });
    expect((await client.getRun(runId)).status).toBe("RUNNING");
  });

  test("that isn't there is not found, by a code", async () => {
    await expect(client.getRun("0".repeat(32))).rejects.toMatchObject({ code: "tracking/not-found" });
  });

  test("search reads all pages", async () => {
    const made = await client.ensureExperiment("pages");
    for (let index = 0; index < 5; index++) {
      await client.createRun({
        experimentId: made.experimentId,
        requestId: `page-${index}`,
        name: `${index}`,
        startTimeMs: index,
      });
    }
    expect(await client.searchRuns({ experimentIds: [made.experimentId] })).toHaveLength(5);
    expect(await client.searchRuns({ experimentIds: [made.experimentId], limit: 2 })).toHaveLength(2);
  });

  test("logs the same inputs of several runs at once, although the server may lose the race with itself", async () => {
    const clients = Array.from({ length: 6 }, () => createMlflowClient({ uri: server.uri }));
    for (let round = 0; round < 8; round++) {
      const datasets = ["train", "test"].map((name) => ({
        name,
        digest: `${name}-${round}`,
        source: `data/${name}.parquet`,
        context: "training",
      }));
      const runIds = await Promise.all(
        clients.map(async (it, index) => {
          const requestId = `at-once-${round}-${index}`;
          const { runId } = await it.createRun({ experimentId, requestId, name: "r", startTimeMs: 1 });
          return runId;
        }),
      );
      await Promise.all(clients.map((it, index) => it.logInputs({ runId: runIds[index] ?? "", datasets })));
      for (const runId of runIds)
        expect((await inputsOf(runId)).map((it) => it.name).toSorted()).toEqual(["test", "train"]);
    }
    for (const it of clients) it.close();
  });

  test("has its data sets as inputs, with digests that fit", async () => {
    const { runId } = await newRun();
    const digest = "a".repeat(64);
    await client.logInputs({
      runId,
      datasets: [{ name: "train", digest, source: "data/t.parquet", context: "training" }],
    });
    const [input] = await inputsOf(runId);
    expect(input?.digest).toBe("a".repeat(32));
  });
});

describe("an experiment", () => {
  test("that was deleted is named with the way back, not restored", async () => {
    const made = await client.ensureExperiment("gone");
    await fetch(`${server.uri}/api/2.0/mlflow/experiments/delete`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ experiment_id: made.experimentId }),
    });
    await expect(client.ensureExperiment("gone")).rejects.toMatchObject({
      code: "tracking/rejected",
      message: expect.stringContaining("deleted"),
      hint: expect.stringContaining("restore"),
    });
  });
});

describe("logging", () => {
  test("takes ⌈n/1000⌉ + 1 requests over at most two sockets for n points with parameters", async () => {
    const { runId } = await newRun();
    const watched = await startFaultyProxy(server.uri);
    const counting = createMlflowClient({ uri: watched.uri });
    const metrics = Array.from({ length: 3_500 }, (_, step) => ({
      key: "loss",
      value: 1 / (step + 1),
      step,
      timestamp: step,
    }));
    await counting.logBatch({ runId, metrics, params: { split_version: "1" }, tags: { kind: "test" } });
    expect(watched.seen).toHaveLength(5);
    expect(watched.sockets()).toBeLessThanOrEqual(2);
    expect(await client.getMetricHistory(runId, "loss")).toHaveLength(3_500);
    await watched.close();
  });

  test("repeated changes nothing, and a parameter keeps its first value", async () => {
    const { runId } = await newRun();
    const batch = { runId, metrics: [{ key: "m", value: 2.5, step: 0, timestamp: 7 }], params: { a: "1" } };
    await client.logBatch(batch);
    await client.logBatch(batch);
    expect(await client.getMetricHistory(runId, "m")).toEqual([{ key: "m", value: 2.5, step: 0, timestamp: 7 }]);
    await expect(client.logBatch({ runId, params: { a: "2" } })).rejects.toMatchObject({ code: "tracking/rejected" });
  });

  test("keeps values that aren't finite", async () => {
    const { runId } = await newRun();
    await client.logBatch({ runId, metrics: [{ key: "nan", value: Number.NaN, step: 0, timestamp: 1 }] });
    const [point] = await client.getMetricHistory(runId, "nan");
    expect(point?.value).toBeNaN();
  });

  test("puts a value that is too long into an artifact, and notices a server that cuts one", async () => {
    const { runId } = await newRun();
    const long = { params: { columns: "x".repeat(6_001) }, tags: { note: "y".repeat(8_001) } };
    for (const _ of [1, 2]) await client.logBatch({ runId, ...long });
    const { params, tags } = await client.getRun(runId);
    for (const [stored, sent] of [
      [params.columns, long.params.columns],
      [tags.note, long.tags.note],
    ] as const) {
      const [, artifactPath = ""] = /in the artifact (\S+)\)$/.exec(stored ?? "") ?? [];
      expect(await client.readText({ runId, artifactPath })).toBe(sent);
    }
    const behind = createMlflowClient({ uri: proxy.uri, pauseMs: 1 });
    await behind.logBatch({ runId, params: { whole: "y".repeat(6_000) } });
    proxy.setRewrite((request, body) =>
      request.path.endsWith("log-batch") ? Buffer.from(body.toString().replace(/z{600,}/, "z".repeat(500))) : body,
    );
    await expect(behind.logBatch({ runId, params: { cut: "z".repeat(600) } })).rejects.toMatchObject({
      code: "tracking/truncated",
      details: { keys: ["cut"] },
    });
    proxy.setRewrite((_request, body) => body);
  });
});

describe("artifacts", () => {
  test("a folder is uploaded completely and downloaded unchanged; removed files are deleted", async () => {
    const { runId } = await newRun();
    const upload = { runId, artifactPath: "model", last: "MLmodel" };
    await client.uploadFolder({ ...upload, folder: folderWith({ ...modelFiles, "old.bin": "old" }) });
    const sent = await client.uploadFolder({ ...upload, folder: folderWith(modelFiles) });
    expect(sent.files).toBe(3);
    const into = path.join(scratch, "back");
    await client.downloadFolder({ runId, artifactPath: "model", into });
    for (const [name, text] of Object.entries(modelFiles))
      expect(readFileSync(path.join(into, name), "utf8")).toBe(text);
    expect(readdirSync(into).toSorted()).toEqual(["MLmodel", "code", "model.skops"]);
  });

  test("a large file is reported while it is sent, not only when it is there", async () => {
    const { runId } = await newRun();
    const size = 30 << 20;
    const folder = folderWith(modelFiles);
    writeFileSync(path.join(folder, "model.skops"), Buffer.alloc(size, 1));
    const seen: (readonly [number, number])[] = [];
    const onProgress = (done: number, total: number) => void seen.push([done, total]);
    const { sizeBytes } = await client.uploadFolder({
      runId,
      artifactPath: "model",
      last: "MLmodel",
      folder,
      onProgress,
    });
    expect(new Set(seen.map(([, total]) => total))).toEqual(new Set([sizeBytes]));
    const partly = seen.map(([done]) => done).filter((done) => done > 4 << 20 && done < size);
    expect(partly.length).toBeGreaterThan(2);
    expect(partly.toSorted((a, b) => a - b)).toEqual(partly);
    expect(seen.at(-1)).toEqual([sizeBytes, sizeBytes]);
  });

  test("MLmodel is sent last, and taken away before any file of an older upload changes", async () => {
    const { runId } = await newRun();
    const watched = await startFaultyProxy(server.uri);
    const behind = createMlflowClient({ uri: watched.uri });
    const upload = { runId, artifactPath: "model", last: "MLmodel", folder: folderWith(modelFiles) };
    await behind.uploadFolder(upload);
    await behind.uploadFolder(upload);
    const changes = watched.seen
      .filter(({ method }) => method !== "GET")
      .map(({ method, path: at }) => `${method} ${at.split("/").at(-1)}`);
    expect(changes[2]).toBe("PUT MLmodel");
    expect(changes[3]).toBe("DELETE MLmodel");
    expect(changes.at(-1)).toBe("PUT MLmodel");
    await watched.close();
  });

  test("an upload that is refused in the middle leaves nothing", async () => {
    const { runId } = await newRun();
    const watched = await startFaultyProxy(server.uri);
    const behind = createMlflowClient({ uri: watched.uri, attempts: 2, pauseMs: 1 });
    const folder = folderWith({ ...modelFiles, "zz.bin": "z" });
    const stop = new AbortController();
    watched.setFaults(({ method, path: at }) => {
      if (method === "PUT" && at.endsWith("zz.bin")) stop.abort();
      return "none";
    });
    await expect(
      behind.uploadFolder({ runId, artifactPath: "model", last: "MLmodel", folder, signal: stop.signal }),
    ).rejects.toMatchObject({ code: "internal/cancelled" });
    expect(await client.listArtifacts({ runId, artifactPath: "model" })).toEqual([]);
    await watched.close();
  });

  test("a folder without MLmodel isn't uploaded at all; one that isn't there isn't downloaded", async () => {
    const { runId } = await newRun();
    const folder = folderWith({ "model.skops": "x" });
    await expect(client.uploadFolder({ runId, artifactPath: "model", last: "MLmodel", folder })).rejects.toMatchObject({
      code: "files/not-found",
    });
    const into = path.join(scratch, "nothing");
    await expect(client.downloadFolder({ runId, artifactPath: "model", into })).rejects.toMatchObject({
      code: "tracking/not-found",
    });
    expect(readdirSync(scratch)).not.toContain("nothing");
  });

  test("a string is read back unchanged; a probe leaves nothing behind", async () => {
    const { runId, artifactUri } = await newRun();
    await client.uploadText({ runId, artifactPath: "decision/entry.json", text: '{"ä":1}' });
    expect(await client.readText({ runId, artifactPath: "decision/entry.json" })).toBe('{"ä":1}');
    await client.probeArtifacts({ runId });
    await client.probeArtifacts({ artifactRoot: artifactUri });
    const listed = await client.listArtifacts({ runId, artifactPath: "" });
    expect(listed.map((entry) => entry.path)).toEqual(["decision/entry.json"]);
  });

  test.each(["../out", "/etc/passwd", "a/../../b", "C:/x", "a\\b", "a\nb"])(
    "the path %j is refused",
    async (artifactPath) => {
      const { runId } = await newRun();
      await expect(client.uploadText({ runId, artifactPath, text: "" })).rejects.toMatchObject({
        code: "tracking/rejected",
      });
    },
  );

  test("a file: root is used directly, links in it are refused, any other scheme is refused by name", async () => {
    const root = folderWith({});
    await client.probeArtifacts({ artifactRoot: `file://${root}` });
    expect(readdirSync(root)).toEqual([]);
    await expect(client.probeArtifacts({ artifactRoot: "s3://bucket/runs" })).rejects.toMatchObject({
      code: "tracking/artifact-scheme",
      message: expect.stringContaining("s3:"),
    });
    await expect(client.probeArtifacts({ artifactRoot: "mlflow-artifacts://elsewhere:5000/1" })).rejects.toMatchObject({
      code: "tracking/artifact-scheme",
    });
    const { fileArtifacts } = await import("./artifacts/artifact-files.ts");
    symlinkSync(os.tmpdir(), path.join(root, "link"));
    await expect(fileArtifacts(root).list("link")).rejects.toMatchObject({ code: "tracking/rejected" });
  });
});

describe("a server that isn't there, refuses, or isn't MLflow", () => {
  async function answering(status: number, body: string, type = "text/plain"): Promise<[string, () => void]> {
    const other = http.createServer((_request, response) =>
      response.writeHead(status, { "content-type": type }).end(body),
    );
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    return [`http://127.0.0.1:${(other.address() as AddressInfo).port}`, () => other.close()];
  }

  test.each([
    [401, "Unauthorized", "text/plain", "tracking/denied"],
    [403, "Invalid Host header - possible DNS rebinding attack detected", "text/plain", "tracking/denied"],
    [404, "<html>Not Found</html>", "text/html", "tracking/not-mlflow"],
    [200, "<html>a page</html>", "text/html", "tracking/not-mlflow"],
    [200, '{"unexpected": true}', "application/json", "tracking/not-mlflow"],
    [302, "", "text/plain", "tracking/not-mlflow"],
    [503, "busy", "text/plain", "tracking/server-failed"],
    [400, '{"error_code": "INVALID_PARAMETER_VALUE", "message": "no"}', "application/json", "tracking/rejected"],
  ])("an answer %i %j means %s %s", async (status, body, type, code) => {
    const [uri, close] = await answering(status, body, type);
    const asking = createMlflowClient({ uri, attempts: 2, pauseMs: 1 });
    await expect(asking.getRun("r")).rejects.toMatchObject({ code });
    asking.close();
    close();
  });

  test("the managed server refuses a name it isn't called by: another site can't reach it through one", async () => {
    const { hostname, port } = new URL(server.uri);
    const path = "/api/2.0/mlflow/experiments/get-by-name?experiment_name=Default";
    const status = await new Promise<number>((resolve) =>
      http.get({ hostname, port, path, headers: { host: "evil.example" } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      }),
    );
    expect(status).toBe(403);
  });

  test("a missing server is unreachable, with the next step; a cancelled wait is cancelled", async () => {
    const nobody = createMlflowClient({ uri: "http://127.0.0.1:9", attempts: 2, pauseMs: 1 });
    await expect(nobody.getRun("r")).rejects.toMatchObject({ code: "tracking/unreachable", hint: expect.any(String) });
    const stop = new AbortController();
    const waiting = createMlflowClient({ uri: "http://127.0.0.1:9", pauseMs: 60_000, signal: stop.signal });
    setTimeout(() => stop.abort(), 20);
    await expect(waiting.getRun("r")).rejects.toMatchObject({ code: "internal/cancelled" });
  });

  test("a login is taken from the address or MLflow's variables, and never shown", () => {
    expect(parseAddress("https://me:s%40crt@host/ml/")).toEqual({
      uri: "https://host/ml",
      authorization: `Basic ${Buffer.from("me:s@crt").toString("base64")}`,
    });
    expect(parseAddress("http://host", { MLFLOW_TRACKING_TOKEN: "t" }).authorization).toBe("Bearer t");
    expect(() => parseAddress("./mlruns")).toThrow(expect.objectContaining({ code: "tracking/not-mlflow" }));
  });
});
