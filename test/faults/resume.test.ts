import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { RunReport } from "../../src-core/contract/runs.ts";
import { cliJson } from "../support/cli.ts";
import { type Lab, makeLab, mlflowRun, mlflowRuns, mlflowVersions } from "../support/kill-lab.ts";
import {
  allEnded,
  killAndWait,
  killOurs,
  runnersOf,
  stageStarted,
  startFace,
  supervisorOf,
} from "../support/kill-processes.ts";
import { startTestServer, type TestServer } from "../support/mlflow-server.ts";

let folder: string;
let server: TestServer;
let lab: Lab;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-resume-"));
  server = await startTestServer();
  lab = await makeLab(folder, server, "orders", "split");
}, 300_000);
afterAll(async () => {
  killOurs(supervisorOf(lab));
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

const json = <T>(...args: string[]): Promise<T> => cliJson<T>(args, { cwd: lab.project, env: lab.env });
const listed = async () => (await json<OperationOutput<"runs.list">>("runs", "list")).runs;

/** Starts a command and kills it, its supervisor and the job's runner -9 during the nth training of this story. Returns the run's id. */
async function killInTraining(command: readonly string[], nth: number): Promise<string> {
  const face = startFace(lab, [...command, "--json"]);
  await stageStarted(lab, "train", nth);
  const runId = (await listed())[0]?.runId ?? "";
  const at = { ...lab, runId };
  while (runnersOf(at).length === 0) await pause(20);
  const supervisor = supervisorOf(lab);
  face.process.kill("SIGKILL");
  await killAndWait(supervisor);
  for (const runner of runnersOf(at)) killOurs(runner);
  await face.end;
  await allEnded(at);
  return runId;
}

// One story in order: each step depends on the one before.
describe("a run whose every process was killed -9", () => {
  it("is FAILED and resumable for the next command, here and in MLflow", async () => {
    await lab.before("split");
    expect(await killInTraining(["run"], 1)).toBe(lab.runId);
    const status = await json<OperationOutput<"runs.status">>("status");
    expect(status.settled).toEqual([lab.runId]);
    expect(status.runs).toMatchObject([{ runId: lab.runId, status: "FAILED", isResumable: true, stage: "train" }]);
    expect(await mlflowRun(server, lab.runId)).toMatchObject({ status: "FAILED", tags: { resumable: "true" } });
  }, 120_000);

  it("continues once with `runs resume`, although the killed command is continued as well", async () => {
    const report = await json<RunReport>("runs", "resume", "latest");
    expect(report.run).toMatchObject({ runId: lab.runId, status: "FINISHED", verdict: "PROMOTE" });
    expect(await listed()).toMatchObject([{ runId: lab.runId, status: "FINISHED" }]);
    expect(await mlflowRuns(server)).toEqual([{ runId: lab.runId, status: "FINISHED" }]);
    expect(await mlflowVersions(server, lab.modelName)).toMatchObject({ versions: [{ version: "1" }], champion: "1" });
  }, 120_000);

  it("continues with `run` of equal versions, as the same run, even if it was started as a new one", async () => {
    const second = await killInTraining(["run", "--new"], 3);
    expect(second).not.toBe(lab.runId);
    const report = await json<RunReport>("run");
    expect(report.run).toMatchObject({ runId: second, number: 2, status: "FINISHED" });
    expect((await mlflowRuns(server)).map(({ status }) => status)).toEqual(["FINISHED", "FINISHED"]);
    expect(await json("ledger", "verify")).toMatchObject({ entries: 2 });
  }, 120_000);

  it("differs from a cancelled run: Ctrl-C ends a run as KILLED, here and in MLflow", async () => {
    const face = startFace(lab, ["run", "--new", "--json"]);
    await stageStarted(lab, "train", 5);
    face.process.kill("SIGINT");
    expect((await face.end).code).toBe(130);
    const [newest] = await listed();
    expect(newest).toMatchObject({ number: 3, status: "KILLED", isResumable: true });
    expect(await mlflowRun(server, newest?.runId ?? "")).toMatchObject({
      status: "KILLED",
      tags: { resumable: "true" },
    });
  }, 120_000);
});
