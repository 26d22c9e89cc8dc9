import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { RunReport } from "../../src-core/contract/runs.ts";
import { dataHome } from "../../src-core/foundation/files/paths.ts";
import { cli, cliJson } from "../support/cli.ts";
import { startTestServer, type TestServer, testPython } from "../support/mlflow-server.ts";
import { realDvc } from "../support/real-dvc.ts";
import { recordedSpec, steadySpec } from "../support/recorded/recorded-specs.ts";
import { smallTable } from "../support/small-table.ts";

const run = promisify(execFile);

let folder: string;
let project: string;
let server: TestServer;
const json = <T>(...args: string[]): Promise<T> =>
  cliJson<T>(args, { cwd: project, env: environment(), codes: [0, 6] });
const environment = (): NodeJS.ProcessEnv => ({
  MLFLOW_TRACKING_URI: server.uri,
  SIGNALBOX_SUPERVISOR_IDLE_MS: "2000",
});

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-main-job-"));
  project = path.join(folder, "orders");
  writeFileSync(path.join(folder, "orders.csv"), smallTable(3_000));
  server = await startTestServer();
  const made = await cli(
    ["init", project, "--table", path.join(folder, "orders.csv"), "--target", "minutes", "--group", "shop"],
    { cwd: folder },
  );
  expect(made.stderr).toBe("");
  expect(made.code).toBe(0);
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

// One story in order, as a user experiences it: each step depends on the one before.
describe("the main job on an unprepared table", () => {
  let first: RunReport;
  let second: RunReport;

  it("goes from the table to a decision, and promotes a first model that keeps every bound", async () => {
    first = await json<RunReport>("run");
    expect(first.run).toMatchObject({ status: "FINISHED", verdict: "PROMOTE", number: 1 });
    expect(first.decision).toMatchObject({
      modelVersion: "1",
      isAliasMoved: true,
      productionBefore: null,
      ledgerIndex: 1,
    });
    expect(first.metrics.find((it) => it.metric === "reference_rmse")).toMatchObject({ n: first.sides[1]?.rows });
  });

  it("compares the second run with the first model as production, and a tie keeps production", async () => {
    second = await json<RunReport>("run");
    expect(second.run).toMatchObject({ status: "FINISHED", verdict: "HOLD", number: 2 });
    expect(second.decision).toMatchObject({
      isAliasMoved: false,
      productionBefore: { version: "1", runId: first.run.runId },
    });
    expect(second.decision?.gate.reason).toMatch(/Both models do the same on every row/);
    expect(second.sides).toEqual(first.sides);
    expect(second.metrics).toEqual(first.metrics);
  });

  it("passes the trainer exactly the recorded specification, which identifies a job", async () => {
    for (const job of ["train", "evaluate"]) {
      const file = path.join(project, ".signalbox", "runs", first.run.runId, job, "spec.json");
      await expect(steadySpec(readFileSync(file, "utf8"), project)).toMatchFileSnapshot(recordedSpec(job));
    }
  });

  it("writes no path of this machine into what says of a job what to run", () => {
    const runs = path.join(project, ".signalbox", "runs");
    const written = readdirSync(runs)
      .flatMap((run) => readdirSync(path.join(runs, run)).map((job) => path.join(runs, run, job)))
      .flatMap((job) => ["job.json", "spec.json"].map((name) => path.join(job, name)))
      .filter((file) => existsSync(file));
    expect(written.length).toBeGreaterThanOrEqual(8);
    for (const file of written) {
      const text = readFileSync(file, "utf8");
      for (const machine of [project, os.homedir(), os.tmpdir(), dataHome(process.env), process.execPath])
        expect(text, file).not.toContain(machine);
      expect(text, file).not.toMatch(/"\/[^"]*"/);
    }
  });

  it("answers scripts by the exit code of the gate", async () => {
    expect((await cli(["promotion", "check", "#1"], { cwd: project, env: environment() })).code).toBe(0);
    expect((await cli(["promotion", "check", "latest"], { cwd: project, env: environment() })).code).toBe(6);
  });

  it("is one finished MLflow run per execution, with its lineage as parameters and no nested run", async () => {
    const { params, tags, status } = await mlflowRun(first.run.runId);
    expect(status).toBe("FINISHED");
    expect(params).toMatchObject({
      split_version: "1",
      feature_version: "1",
      model_version: "1",
      data_contract_version: "1",
      seed: "42",
    });
    for (const key of [
      "dvc_master_hash",
      "dvc_split_hash",
      "dvc_reference_hash",
      "code_version",
      "environment_lock",
      "gate_hash",
    ]) {
      expect(params[key], key).toBeTruthy();
    }
    expect(tags["mlflow.parentRunId"]).toBeUndefined();
  });

  it("writes models that the stock MLflow client loads, with the logged reference metrics", async () => {
    const reference = path.join(project, first.sides[1]?.path ?? "");
    const python = await testPython();
    for (const uri of [`runs:/${first.run.runId}/model`, "models:/orders_model@champion"]) {
      const program = [
        "import sys, json, mlflow, pandas as pd, numpy as np",
        `model = mlflow.pyfunc.load_model(${JSON.stringify(uri)})`,
        `table = pd.read_parquet(${JSON.stringify(reference)})`,
        'error = np.asarray(model.predict(table.drop(columns=["minutes"]))) - table["minutes"].to_numpy()',
        "print(json.dumps({'rmse': float(np.sqrt(np.mean(error**2))), 'mae': float(np.mean(np.abs(error)))}))",
      ].join("\n");
      const { stdout } = await run(python, ["-c", program], {
        cwd: folder,
        env: { ...process.env, MLFLOW_TRACKING_URI: server.uri, PYTHONWARNINGS: "ignore" },
      });
      const figures = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as {
        readonly rmse: number;
        readonly mae: number;
      };
      expect(figures.rmse).toBeCloseTo(metric(first, "reference_rmse"), 9);
      expect(figures.mae).toBeCloseTo(metric(first, "reference_mae"), 9);
    }
  });

  it("writes a repository in which the stock dvc finds nothing to do and can restore files", async () => {
    const dvc = await realDvc();
    const options = { cwd: project, env: { ...process.env, DVC_NO_ANALYTICS: "1" } };
    expect((await run(dvc, ["status"], options)).stdout).toMatch(/up to date/);
    const train = path.join(project, first.sides[0]?.path ?? "");
    const bytes = readFileSync(train);
    rmSync(train);
    await run(dvc, ["checkout"], options);
    expect(readFileSync(train).equals(bytes)).toBe(true);
    const status = await json<OperationOutput<"data.status">>("data", "status");
    expect(JSON.stringify(status)).not.toMatch(/modified|deleted/);
  });

  it("lets a user promote against the gate only with a reason, and the gate still refuses", async () => {
    const refused = await cli(["promotion", "override", "latest"], { cwd: project, env: environment() });
    expect(refused.code).toBe(2);
    await json("promotion", "override", "latest", "--reason", "the shop in the harbour asked for it");
    expect((await cli(["promotion", "check", "latest"], { cwd: project, env: environment() })).code).toBe(6);
    expect(
      (await cli(["promotion", "check", "latest", "--allow-override"], { cwd: project, env: environment() })).code,
    ).toBe(0);
    expect(await champion()).toBe("2");
  });

  it("rolls back in one command and one entry", async () => {
    await json("promotion", "rollback", "--reason", "the harbour changed its mind");
    expect(await champion()).toBe("1");
    const { decisions } = await json<OperationOutput<"promotion.list">>("promotion", "list");
    expect(decisions.map((it) => [it.kind, it.productionBefore, it.productionAfter])).toEqual([
      ["rollback", "2", "1"],
      ["override", "1", "2"],
      ["decision", "1", "1"],
      ["decision", null, "1"],
    ]);
  });

  it("names the entry with a changed byte, and a truncated ledger", async () => {
    const ledger = path.join(project, "ledger", "decisions.jsonl");
    const whole = readFileSync(ledger, "utf8");
    expect((await json<OperationOutput<"ledger.verify">>("ledger", "verify")).entries).toBe(4);
    writeFileSync(ledger, whole.replace('"verdict":"HOLD"', '"verdict":"HALT"'));
    const changed = await cli(["ledger", "verify"], { cwd: project, env: environment() });
    expect(changed.code).toBe(4);
    expect(changed.stderr).toMatch(/entry 2/i);
    writeFileSync(ledger, whole.split("\n").slice(0, 3).join("\n").concat("\n"));
    const cut = await cli(["ledger", "verify"], { cwd: project, env: environment() });
    expect(cut.stderr).toMatch(/ledger\/truncated/);
    writeFileSync(ledger, whole);
  });

  it("refuses an edited version that a run has used, and names the free number", async () => {
    const file = path.join(project, "configs", "models", "v1.yaml");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace("max_iter: 200", "max_iter: 100"));
    const refused = await cli(["run"], { cwd: project, env: environment() });
    expect(refused.code).toBe(4);
    expect(refused.stderr).toMatch(/configs\/version-changed/);
    expect(refused.stderr).toMatch(/v2\.yaml/);
    writeFileSync(file, text);
  });

  it("gives the same files and figures from the versions alone", async () => {
    const again = await json<OperationOutput<"runs.reproduce">>("reproduce", "#1");
    expect(again.rows.filter((it) => it.outcome === "different")).toEqual([]);
    expect(again.outcome).toBe("reproduced");
  });
});

const metric = (report: RunReport, name: string): number =>
  report.metrics.find((it) => it.metric === name)?.value ?? Number.NaN;

async function mlflowRun(runId: string) {
  const answer = await fetch(`${server.uri}/api/2.0/mlflow/runs/get?run_id=${runId}`);
  const { run: found } = (await answer.json()) as {
    readonly run: {
      readonly info: { readonly status: string };
      readonly data: { readonly params: readonly Pair[]; readonly tags: readonly Pair[] };
    };
  };
  const record = (pairs: readonly Pair[]) => Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
  return { status: found.info.status, params: record(found.data.params), tags: record(found.data.tags) };
}

interface Pair {
  readonly key: string;
  readonly value: string;
}

async function champion(): Promise<string> {
  const answer = await fetch(`${server.uri}/api/2.0/mlflow/registered-models/alias?name=orders_model&alias=champion`);
  return ((await answer.json()) as { readonly model_version: { readonly version: string } }).model_version.version;
}
