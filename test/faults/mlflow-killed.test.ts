import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ResultName } from "../../src-core/contract/runs/stage-results.ts";
import type { RunReport, RunSummary } from "../../src-core/contract/runs.ts";
import { ensureServer, stopServer } from "../../src-core/foundation/mlflow/server/server.ts";
import { executeIn, type Lab, makeLab, mlflowRun, mlflowRuns, mlflowVersions } from "../support/kill-lab.ts";
import { type DeathPoint, type KillingProxy, startKillingProxy } from "../support/killing-proxy.ts";
import { startTestServer, type TestServer, testPython } from "../support/mlflow-server.ts";

let folder: string;
let real: TestServer;
let proxy: KillingProxy;
/** The server as the project reaches it: through the proxy. */
let server: TestServer;
let lab: Lab;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-mlflow-killed-"));
  real = await startTestServer();
  proxy = await startKillingProxy(real, async () => void (await stopServer(real.folder, 0)));
  server = { ...real, uri: proxy.uri };
  lab = await makeLab(folder, server, "orders", "decide");
}, 300_000);
afterAll(async () => {
  await proxy?.close();
  await real?.close();
  rmSync(folder, { recursive: true, force: true });
});
const restart = () => ensureServer({ folder: real.folder, python: testPython, env: process.env });
beforeEach(async () => void (await restart()));

const artifacts = /\/mlflow-artifacts\/artifacts\/.*\/model\//;
const cases: readonly { readonly what: string; readonly stage: ResultName | "upload"; readonly point: DeathPoint }[] = [
  { what: "reopening the run", stage: "split", point: { method: "POST", path: /runs\/update$/, when: "before" } },
  {
    what: "the split's parameters",
    stage: "split",
    point: { method: "POST", path: /log-batch$/, body: /reference_sha256|split\./, when: "before" },
  },
  { what: "the split's datasets", stage: "split", point: { method: "POST", path: /log-inputs$/, when: "after" } },
  {
    what: "the version's hashes",
    stage: "version",
    point: { method: "POST", path: /log-batch$/, body: /dvc_split_hash/, when: "after" },
  },
  {
    what: "the training's metrics",
    stage: "train",
    point: { method: "POST", path: /log-batch$/, body: /train_/, when: "before" },
  },
  { what: "the model's upload", stage: "upload", point: { method: "PUT", path: artifacts, when: "before" } },
  {
    what: "the upload of the model's last file",
    stage: "upload",
    point: { method: "PUT", path: /\/model\/MLmodel$/, when: "after" },
  },
  { what: "the model's download", stage: "evaluate", point: { method: "GET", path: artifacts, when: "before" } },
  {
    what: "the registration",
    stage: "decide",
    point: { method: "POST", path: /model-versions\/create$/, when: "after" },
  },
  {
    what: "the registration, before it",
    stage: "decide",
    point: { method: "POST", path: /model-versions\/create$/, when: "before" },
  },
  {
    what: "the alias, before it moved",
    stage: "decide",
    point: { method: "POST", path: /registered-models\/alias$/, when: "before" },
  },
  {
    what: "the alias, after its move",
    stage: "decide",
    point: { method: "POST", path: /registered-models\/alias$/, when: "after" },
  },
  {
    what: "closing the run",
    stage: "decide",
    point: { method: "POST", path: /runs\/update$/, body: /FINISHED/, when: "after" },
  },
];

describe("MLflow, killed -9 in the middle of a run,", () => {
  for (const { what, stage, point } of cases) {
    it(`at ${what}: the run is FAILED and resumable here, with the reason, and finishes once the server is back`, async () => {
      await lab.before("decide");
      await lab.before(stage);
      proxy.arm(point);
      const failure = await executeIn(lab, "runs.resume", { run: lab.runId }).catch((error: unknown) => error);
      expect(proxy.hasKilled()).toBe(true);
      expect(failure).toMatchObject({
        code: "tracking/unreachable",
        next: [expect.objectContaining({ operation: "mlflow.start" })],
      });
      const settled = await theRun();
      expect(settled).toMatchObject({ status: "FAILED", isResumable: true });
      await restart();
      // Any command reports it to MLflow once the server is back.
      await theRun();
      expect(await mlflowRun(server, lab.runId)).toMatchObject({
        status: "FAILED",
        tags: { resumable: "true", "signalbox.error_code": "tracking/unreachable" },
      });
      if (stage === "split" || stage === "version") {
        const one = (await executeIn(lab, "runs.stage", { run: lab.runId, name: stage })) as RunReport;
        expect(one.run.status).toBe("FINISHED");
        return;
      }
      const report = (await executeIn(lab, "runs.start", {})) as RunReport;
      expect(report.run).toMatchObject({ runId: lab.runId, status: "FINISHED" });
      await expectOneOfEach();
    }, 120_000);
  }

  for (const when of ["before", "after"] as const) {
    it(`at the creation of a run (${when} it was created): one run results`, async () => {
      await lab.before("decide");
      await executeIn(lab, "runs.resume", { run: lab.runId });
      const known = await mlflowRuns(server);
      proxy.arm({ method: "POST", path: /runs\/create$/, when });
      const failure = await executeIn(lab, "runs.start", { new: true }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: "tracking/unreachable" });
      await restart();
      const report = (await executeIn(lab, "runs.start", { new: true })) as RunReport;
      expect(report.run.status).toBe("FINISHED");
      expect((await mlflowRuns(server)).filter(({ runId }) => !known.some((it) => it.runId === runId))).toEqual([
        { runId: report.run.runId, status: "FINISHED" },
      ]);
    }, 120_000);
  }

  it("at the parameters of a new run: it is FAILED and resumable, and isn't shown as running", async () => {
    await lab.before("decide");
    await executeIn(lab, "runs.resume", { run: lab.runId });
    proxy.arm({ method: "POST", path: /log-batch$/, body: /split_version/, when: "before" });
    const failure = await executeIn(lab, "runs.start", { new: true }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "tracking/unreachable" });
    const [newest] = await theRuns();
    expect(newest).toMatchObject({ number: 2, status: "FAILED", isResumable: true });
    await restart();
    const report = (await executeIn(lab, "runs.start", {})) as RunReport;
    expect(report.run).toMatchObject({ runId: newest?.runId, status: "FINISHED" });
  }, 120_000);
});

const theRuns = async () => ((await executeIn(lab, "runs.list", {})) as { readonly runs: readonly RunSummary[] }).runs;
const theRun = async () => (await theRuns()).find((it) => it.runId === lab.runId);

async function expectOneOfEach(): Promise<void> {
  expect((await mlflowRun(server, lab.runId)).status).toBe("FINISHED");
  expect(await mlflowVersions(server, lab.modelName)).toMatchObject({
    versions: [{ version: "1", run_id: lab.runId }],
    champion: "1",
  });
  expect(await executeIn(lab, "ledger.verify", {})).toMatchObject({ entries: 1 });
}
