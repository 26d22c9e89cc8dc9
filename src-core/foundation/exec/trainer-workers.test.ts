import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { testPython } from "../../../test/support/mlflow-server.ts";
import { sql } from "../../../test/support/split-project.ts";
import { testPlace } from "../../../test/support/test-place.ts";
import type { AssessTask } from "../../contract/trainer/assess-tasks.ts";
import { identityOf } from "../files/process-identity.ts";
import type { PythonEnvironment } from "./place.ts";
import { openTrainerWorkers, type TrainerWorkers, type TrainerWorkersOptions } from "./trainer-workers.ts";

const root = mkdtempSync(path.join(os.tmpdir(), "signalbox-workers-"));
const at = (name: string) => path.join(root, name);
let python: PythonEnvironment;

/** A model of the project's own: leaves its process's number, and fits once `go-<name>` is there. */
const slowModel = `import os, pathlib, time
from sklearn.linear_model import Ridge

class Slow(Ridge):
    def __init__(self, name="x"):
        super().__init__()
        self.name = name
    def fit(self, X, y):
        pathlib.Path(${JSON.stringify(root)}, "fitting-" + self.name).write_text(str(os.getpid()))
        while not pathlib.Path(${JSON.stringify(root)}, "go-" + self.name).exists():
            time.sleep(0.02)
        return super().fit(X, y)

def make(params, seed, task):
    return Slow(**params)
`;

beforeAll(async () => {
  python = { python: await testPython(), digest: "test", pythonMinor: "3" };
  await sql(
    `COPY (SELECT i AS id, (i % 13)::DOUBLE AS a, (i % 13 + i % 3)::DOUBLE AS y FROM range(60) t(i)) TO '${at("t.parquet")}' (FORMAT parquet)`,
  );
  mkdirSync(at("project"));
  writeFileSync(at("project/slow_models.py"), slowModel);
});

const open: TrainerWorkers[] = [];
afterAll(async () => {
  await Promise.all(open.map((it) => it.close()));
  rmSync(root, { recursive: true, force: true });
});

function workers(more: Partial<TrainerWorkersOptions> = {}): TrainerWorkers {
  const signal = new AbortController().signal;
  const made = openTrainerWorkers({ place: testPlace(), python, count: 1, folder: at("workers"), signal, ...more });
  open.push(made);
  return made;
}

let tasks = 0;
function task(more: Readonly<Record<string, unknown>> = {}): AssessTask {
  tasks += 1;
  const asked: unknown = {
    kind: "prepare",
    out: at(`out-${tasks}.json`),
    signature: "s",
    view: { path: at("t.parquet"), segment: null, target: "y", task: "regression", positive_class: null },
    contract: {
      version: 1,
      columns: {
        id: { type: "int" },
        a: { type: "float", non_nullable: true },
        y: { type: "float", non_nullable: true },
      },
    },
    feature: { version: 1, rules: 2, numeric: [{ columns: ["a"] }] },
    folds: { strategy: "key", group: [], time: null, key: ["id"], strata: [], salt: "s", max: 5 },
    project_dir: at("project"),
    ...more,
  };
  // It is for the trainer to judge: some tests ask for what no one should, and leave out what has a default.
  return asked as AssessTask;
}

/** A fit that goes on until it is let go. */
const slow = (name: string) =>
  task({ kind: "fold", fold: 0, family: { name, type: "python:slow_models:make", params: { name }, seed: 1 } });
const letGo = (name: string) => writeFileSync(at(`go-${name}`), "");

/** The worker's process, once it is at the fit. */
async function fitting(name: string): Promise<number> {
  const file = at(`fitting-${name}`);
  for (let waited = 0; waited < 60_000; waited += 25) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (text !== "") return Number(text);
    await pause(25);
  }
  throw new Error(`The fit ${name} never began.`);
}

async function gone(pid: number): Promise<boolean> {
  for (let waited = 0; waited < 10_000 && identityOf(pid) !== undefined; waited += 25) await pause(25);
  return identityOf(pid) === undefined;
}

/** Two workers that the tests share, one after the other: to start one takes longer than to test it. */
describe("workers", () => {
  let shared: TrainerWorkers;
  beforeAll(() => {
    shared = workers({ count: 2 });
  });

  test("answer with what they left in the file, errors as errors, and go on after each", async () => {
    const { run } = shared;
    const asked = task();
    const [answer, failure, again] = await Promise.allSettled([
      run(asked),
      run(task({ view: { ...asked.view, path: at("absent.parquet") } })),
      run(task()),
    ]);
    expect(answer).toMatchObject({ status: "fulfilled", value: { rows: 60, folds: 5, signature: "s" } });
    expect(JSON.parse(readFileSync(asked.out, "utf8"))).toMatchObject({ rows: 60, folds: 5, signature: "s" });
    expect(failure).toMatchObject({ status: "rejected", reason: { code: "files/not-found" } });
    expect(again).toMatchObject({ status: "fulfilled", value: { rows: 60 } });
    await expect(run(task({ kind: "guess" }))).rejects.toMatchObject({ message: expect.stringContaining("guess") });
  });

  test("work side by side, each one process for all of its tasks", async () => {
    const done = ["a", "b", "c"].map((name) => shared.run(slow(name)));
    const [a, b] = await Promise.all([fitting("a"), fitting("b")]);
    expect(a).not.toBe(b);
    expect(existsSync(at("fitting-c"))).toBe(false);
    letGo("b");
    // The one that is free first takes the next task.
    expect(await fitting("c")).toBe(b);
    letGo("a");
    letGo("c");
    await Promise.all(done);
  });

  test("reject the task alone over which one was killed; the next is done by a new one", async () => {
    const [killed, beside, next] = ["killed", "beside", "next"].map((name) => shared.run(slow(name)));
    const pid = await fitting("killed");
    process.kill(pid, "SIGKILL");
    await expect(killed).rejects.toMatchObject({
      code: "training/worker-failed",
      message: expect.stringContaining("ended with SIGKILL"),
      hint: expect.stringContaining("memory"),
    });
    expect(await fitting("next")).not.toBe(pid);
    letGo("next");
    letGo("beside");
    expect(await next).toMatchObject({ rows_test: 12 });
    await beside;
  });

  test("end with close: the task at work is given up, and no more are taken", async () => {
    const outcomes = Promise.allSettled([
      shared.run(slow("closed")),
      shared.run(slow("closed too")),
      shared.run(task()),
    ]);
    const pids = [await fitting("closed"), await fitting("closed too")];
    await shared.close();
    // They were killed; how soon they are gone is the system's business.
    await vi.waitFor(() => expect(pids.map(identityOf)).toEqual([undefined, undefined]));
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "internal/cancelled" } });
    await expect(shared.run(task())).rejects.toMatchObject({ code: "internal/cancelled" });
    await shared.close();
  });
});

test("without an interpreter every task is an error, not a wait", async () => {
  const { run, close } = workers({ python: { ...python, python: at("no-such-python") }, count: 2 });
  const outcomes = await Promise.allSettled([run(task()), run(task()), run(task())]);
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "training/worker-failed" } });
  await close();
});

describe.concurrent("a worker at a fit", () => {
  test("ends with an abort, which cancels its task", async () => {
    const stop = new AbortController();
    const { run } = workers({ signal: stop.signal });
    const working = run(slow("aborted"));
    const pid = await fitting("aborted");
    stop.abort();
    await expect(working).rejects.toMatchObject({ code: "internal/cancelled" });
    expect(await gone(pid)).toBe(true);
    await expect(run(task())).rejects.toMatchObject({ code: "internal/cancelled" });
  });

  test.skipIf(process.platform !== "linux")("ends with its parent, however that dies", async () => {
    const source = fileURLToPath(new URL("./trainer-workers.ts", import.meta.url));
    const ofTest = fileURLToPath(new URL("../../../test/support/test-place.ts", import.meta.url));
    const options = { python, count: 1, folder: at("orphaned") };
    const program = `import { openTrainerWorkers } from ${JSON.stringify(source)};
import { testPlace } from ${JSON.stringify(ofTest)};
const { run } = openTrainerWorkers({ ...${JSON.stringify(options)}, place: testPlace(), signal: new AbortController().signal });
run(${JSON.stringify(slow("orphan"))});`;
    const parent = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: "ignore" });
    const pid = await fitting("orphan");
    expect(identityOf(pid)).toBeDefined();
    parent.kill("SIGKILL");
    expect(await gone(pid)).toBe(true);
  });
});
