import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperationOutput } from "../../src-core/contract/index.ts";
import type { ProcessIdentity } from "../../src-core/foundation/files/process-identity.ts";
import { identityOf, isSameProcessAlive } from "../../src-core/foundation/files/process-identity.ts";
import { cliJson } from "../support/cli.ts";
import { killAndWait, startFace, supervisorOf } from "../support/kill-processes.ts";
import { startTestServer, type TestServer } from "../support/mlflow-server.ts";
import { routingProject } from "../support/routing-project.ts";

let folder: string;
let project: string;
let server: TestServer;
const env = (): NodeJS.ProcessEnv => ({ MLFLOW_TRACKING_URI: server.uri, SIGNALBOX_SUPERVISOR_IDLE_MS: "1500" });
const json = <T>(...args: string[]): Promise<T> => cliJson<T>(args, { cwd: project, env: env() });

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-routing-kills-"));
  server = await startTestServer();
  project = await routingProject(folder, "deliveries", { rows: 700, isSlow: true });
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Finished results: their complete files, and when each was written. */
function results(): ReadonlyMap<string, number> {
  const root = path.join(project, ".signalbox/evidence");
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  return new Map(
    names
      .filter((name) => /(^|\/)(prepare|fold-\d)\.json$/.test(name))
      .map((name) => [name, statSync(path.join(root, name)).mtimeMs]),
  );
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadline = performance.now() + 120_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`Waited 120 s for ${what}.`);
    await pause(20);
  }
}

/** Kills -9 the command and its supervisor, and returns once no worker of the assessment is alive. */
async function killAll(face: ReturnType<typeof startFace>): Promise<void> {
  const supervisor = supervisorOf({ project, env: env() });
  const children = supervisor === undefined ? [] : assessorsBelow(supervisor.pid);
  face.process.kill("SIGKILL");
  await killAndWait(supervisor);
  const isAssessing = face.process.spawnargs.includes("assess");
  expect(children.length).toBeGreaterThanOrEqual(isAssessing ? 2 : 0);
  await until("the workers to die with their supervisor", () => !children.some(isSameProcessAlive));
}

/** What an assessment runs below the supervisor: the program that drives the workers, and these. */
function assessorsBelow(pid: number): readonly ProcessIdentity[] {
  const parents = new Map(readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? parentOf(Number(name)) : [])));
  const isBelow = (it: number | undefined): boolean => it !== undefined && (it === pid || isBelow(parents.get(it)));
  return [...parents]
    .filter(([child, parent]) => isBelow(parent) && isAssessor(child))
    .flatMap(([child]) => identityOf(child) ?? []);
}

function parentOf(pid: number): readonly (readonly [number, number])[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return [[pid, Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])]];
  } catch {
    // Ended between the look and the reading.
    return [];
  }
}

function isAssessor(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("signalbox_trainer\0assess");
  } catch {
    return false;
  }
}

describe("killed -9 with its supervisor", () => {
  let undisturbed: OperationOutput<"routing.assess">;

  it("in the middle of an assessment, no result is lost or measured twice", async () => {
    const face = startFace({ project, env: env() }, ["assess", "--json"]);
    try {
      await until("some results", () => safeCount() >= 12);
      await killAll(face);
    } finally {
      face.process.kill("SIGKILL");
    }
    const before = results();
    expect(before.size).toBeGreaterThanOrEqual(12);
    // The next supervisor continues the killed command; this one then finds all results.
    undisturbed = await json("assess");
    expect(undisturbed.results).toBeGreaterThan(before.size);
    expect(undisturbed.reused).toBe(undisturbed.results);
    const after = results();
    expect(after.size).toBeGreaterThan(before.size);
    for (const [name, at] of before) expect(after.get(name), name).toBe(at);
    const left = readdirSync(path.join(project, ".signalbox/evidence"), { recursive: true, encoding: "utf8" });
    expect(left.filter((name) => name.endsWith(".tmp"))).toEqual([]);
    const again = await json<OperationOutput<"routing.assess">>("assess");
    expect(again.reused).toBe(again.results);
    expect(again.views).toEqual(undisturbed.views);
  });

  it("in the middle of a training, the next command continues, and each job has one finished run that isn't repeated", async () => {
    await json("route", "build");
    await json("plan", "build");
    const face = startFace({ project, env: env() }, ["train", "--json"]);
    try {
      await until("a job to be done and another running", () => {
        const states = queueStates();
        return states.includes("succeeded") && states.includes("running");
      });
      await pause(700);
      await killAll(face);
    } finally {
      face.process.kill("SIGKILL");
    }
    const runsOf = async () =>
      (await json<OperationOutput<"runs.list">>("runs", "list", "--limit", "1000")).runs.map((run) => ({
        id: run.runId,
        job: run.plan?.jobId,
        status: run.status,
      }));
    const queue = await json<OperationOutput<"routing.queue">>("train", "status");
    expect(queue.isWorking).toBe(false);
    expect(queue.jobs.map((job) => job.state)).toContain("lost");
    const before = (await runsOf()).filter((run) => run.status === "FINISHED");
    expect(before.length).toBeGreaterThan(0);
    const trained = await json<OperationOutput<"routing.train">>("train");
    expect(trained.counts).toMatchObject({ failed: 0, skipped: 0 });
    expect(trained.counts.trained + trained.counts.reused).toBe(trained.jobs.length);
    expect(trained.counts.reused).toBeGreaterThanOrEqual(before.length);
    const after = await runsOf();
    expect(after.every((run) => run.status === "FINISHED")).toBe(true);
    expect(after).toHaveLength(trained.jobs.length);
    expect(new Set(after.map((run) => run.job)).size).toBe(after.length);
    for (const run of before) expect(after.map((it) => it.id)).toContain(run.id);
  }, 900_000);
});

function safeCount(): number {
  try {
    return results().size;
  } catch {
    return 0;
  }
}

function queueStates(): readonly string[] {
  try {
    const queue: unknown = JSON.parse(readFileSync(path.join(project, ".signalbox/queue.json"), "utf8"));
    return (queue as { readonly jobs: readonly { readonly state: string }[] }).jobs.map((job) => job.state);
  } catch {
    return [];
  }
}
