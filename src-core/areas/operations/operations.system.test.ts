import { spawn } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bareCore } from "../../../test/support/bare-core.ts";
import { someCaller } from "../../../test/support/caller.ts";
import { supervisorOf } from "../../../test/support/supervised-core.ts";
import type { Progress } from "../../contract/operation.ts";
import type { Core } from "../../foundation/context.ts";
import { jobPaths, readExit, readRunning } from "../../foundation/exec/job-files.ts";
import { readJobStatus } from "../../foundation/exec/job-status.ts";
import { isSameProcessAlive } from "../../foundation/files/process-identity.ts";
import { lineTo } from "../../wiring/supervisor/credentials.ts";
import { capLog } from "./cap-log.ts";
import { lastHolder, releaseLease, takeLease } from "./lease-store.ts";
import { getOperation, insertOperation, listOperations, takeQueued } from "./operation-store.ts";
import { awaitOperation, cancelOperation, followOperation, requestOperation } from "./operations.ts";
import { progressFile } from "./progress-log.ts";

const program = path.resolve(import.meta.dirname, "../../../test/support/sample-supervisor.ts");
const supervisor = [process.execPath, program] as const;
const never = new AbortController().signal;

let core: Core;
beforeEach(() => {
  core = bareCore(mkdtempSync(path.join(os.tmpdir(), "sb-jobs-")));
});
afterEach(async () => {
  const holder = supervisorOf(core);
  if (holder !== undefined && holder.pid !== process.pid) process.kill(holder.pid, "SIGKILL");
  core.catalogue().close();
  await pause(50);
  rmSync(core.projectDir, { recursive: true, force: true });
});

const request = (operation: string, input: unknown = {}) =>
  requestOperation(core, { operation, input, openLine: lineTo(core), supervisor });
const stateOf = (id: string) => getOperation(core.catalogue(), id).state;

async function until(isTrue: () => boolean, limitMs = 10_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`Not true within ${limitMs} ms: ${isTrue}`);
    await pause(10);
  }
}

async function follow(id: string, signal = never) {
  const progress: Progress[] = [];
  const output = await followOperation(core, id, { signal, supervisor, onProgress: (it) => void progress.push(it) });
  return { output, done: progress.map((it) => it.done) };
}

function holder() {
  const it = supervisorOf(core);
  if (it === undefined) throw new Error("no supervisor");
  return it;
}

const read = (name: string) => readFileSync(path.join(core.projectDir, name), "utf8");
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe("a long operation", () => {
  test("is run by the supervisor and returns its output; its id is short enough to type", async () => {
    const id = await request("test.count", { steps: 3 });
    expect(id).toBe("op1");
    expect(await follow(id)).toEqual({ output: { counted: 3 }, done: [1, 2, 3] });
    expect(await follow("1")).toEqual({ output: { counted: 3 }, done: [1, 2, 3] });
  });

  test("shows the same complete progress to any number of followers, whenever they come", async () => {
    const id = await request("test.count", { steps: 40, stepMs: 10 });
    const first = follow(id);
    await until(() => stateOf(id) === "running");
    await pause(150);
    const [one, two] = await Promise.all([first, follow(id)]);
    expect(one.done).toEqual(upTo(40));
    expect(two).toEqual(one);
    expect(await follow(id)).toEqual(one);
  });

  test("fails with its own error, code, hint and details kept", async () => {
    const id = await request("test.fail");
    await expect(follow(id)).rejects.toMatchObject({
      code: "splits/empty-side",
      message: "Train is empty.",
      hint: "Other salt.",
      details: { rows: 0 },
    });
    expect(stateOf(id)).toBe("failed");
  });

  test("waits for those before it: they run in the order they were asked for", async () => {
    const ids = [await request("test.count"), await request("test.fail"), await request("test.count", { steps: 1 })];
    await Promise.allSettled(ids.map((id) => follow(id)));
    expect(read("executed.txt")).toBe("test.count\ntest.fail\ntest.count\n");
    expect(listOperations(core.catalogue(), { limit: 2, active: false }).map((row) => row.id)).toEqual(["op3", "op2"]);
  });

  test("that isn't there is named", async () => {
    await expect(follow("op99")).rejects.toMatchObject({ code: "operations/not-found" });
    await expect(cancelOperation(core, "99", { supervisor })).rejects.toMatchObject({ code: "operations/not-found" });
  });

  test("never gets the number of an older one whose catalogue was deleted", async () => {
    mkdirSync(path.dirname(progressFile(core.projectDir, "op7")), { recursive: true });
    expect(await request("test.count")).toBe("op8");
  });
});

describe("cancelling", () => {
  test("stops a running operation, and its job with it", async () => {
    const id = await request("test.job", { script: "sleep 600" });
    const folder = path.join(core.projectDir, ".signalbox/runs/r1/train");
    await until(() => readRunning(folder)?.child != null);
    expect((await cancelOperation(core, id, { supervisor })).state).toBe("cancelled");
    expect(readJobStatus(folder)?.state).toBe("cancelled");
    expect(core.catalogue().get("SELECT state FROM jobs")).toEqual({ state: "cancelled" });
    await expect(follow(id)).rejects.toMatchObject({ code: "internal/cancelled" });
  });

  test("drops a waiting operation without running it, and leaves an ended one as it is", async () => {
    const running = await request("test.count", { steps: 30 });
    const waiting = await request("test.fail");
    expect((await cancelOperation(core, waiting, { supervisor })).state).toBe("cancelled");
    await follow(running);
    expect((await cancelOperation(core, running, { supervisor })).state).toBe("succeeded");
    expect(read("executed.txt")).toBe("test.count\n");
  });

  test("is what an abort means for the face that asked; for one that only follows it stops nothing", async () => {
    const id = await request("test.count", { steps: 1000 });
    const looker = new AbortController();
    setTimeout(() => looker.abort(), 200);
    await expect(follow(id, looker.signal)).rejects.toMatchObject({ code: "internal/cancelled" });
    expect(stateOf(id)).toBe("running");
    const asker = new AbortController();
    setTimeout(() => asker.abort(), 100);
    const options = { signal: asker.signal, supervisor, onProgress: () => undefined, cancelOnAbort: true };
    await expect(followOperation(core, id, options)).rejects.toMatchObject({ code: "internal/cancelled" });
    expect(stateOf(id)).toBe("cancelled");
  });

  test("reaches the job of an operation whose supervisor died before", async () => {
    const id = await request("test.job", { script: "sleep 600" });
    const folder = path.join(core.projectDir, ".signalbox/runs/r1/train");
    await until(() => getOperation(core.catalogue(), id).runId === "r1" && readRunning(folder)?.child != null);
    process.kill(holder().pid, "SIGKILL");
    expect((await cancelOperation(core, id, { supervisor })).state).toBe("cancelled");
    expect(readJobStatus(folder)?.state).toBe("cancelled");
  });
});

describe("killed −9", () => {
  test("the supervisor: a follower starts the next one, which runs the operation again from its row", async () => {
    const id = await request("test.count", { steps: 30, stepMs: 20 });
    const following = follow(id);
    await until(
      () =>
        existsSync(progressFile(core.projectDir, id)) &&
        read(`.signalbox/operations/${id}/progress.jsonl`).length > 300,
    );
    process.kill(holder().pid, "SIGKILL");
    const { output, done } = await following;
    expect(output).toEqual({ counted: 30 });
    expect(done.slice(-30)).toEqual(upTo(30));
    expect(read("executed.txt")).toBe("test.count\ntest.count\n");
    expect((await follow(id)).done).toEqual(done);
  });

  test("the supervisor while a job runs: the job goes on and the next one attaches to it", async () => {
    const id = await request("test.job", { script: "sleep 1.5" });
    const folder = path.join(core.projectDir, ".signalbox/runs/r1/train");
    await until(() => readRunning(folder)?.child != null);
    process.kill(holder().pid, "SIGKILL");
    expect((await follow(id)).output).toEqual({ state: "succeeded", attempt: 1, isAttached: true });
    expect(core.catalogue().all("SELECT job_id, state FROM jobs")).toEqual([
      { job_id: "r1/train", state: "succeeded" },
    ]);
    expect(readdirSync(jobPaths(folder).attempts)).toEqual(["1.json", "1.lock"]);
    expect(readExit(folder)).toMatchObject({ attempt: 1, code: 0 });
  });

  test("the face that asked: the operation goes on, and another face gets progress and output from the beginning", async () => {
    const here = (name: string) => JSON.stringify(path.resolve(import.meta.dirname, name));
    const source = `import { bareCore } from ${here("../../../test/support/bare-core.ts")};
      import { requestOperation, followOperation } from ${here("operations.ts")};
      const core = bareCore(${JSON.stringify(core.projectDir)});
      const supervisor = ${JSON.stringify(supervisor)};
      const request = { operation: "test.count", input: { steps: 60, stepMs: 20 }, supervisor };
      const id = await requestOperation(core, request);
      await followOperation(core, id, { signal: new AbortController().signal, onProgress() {}, supervisor, cancelOnAbort: true });`;
    const face = spawn(process.execPath, ["--input-type=module", "-e", source], { detached: true, stdio: "inherit" });
    await until(() => existsSync(progressFile(core.projectDir, "op1")));
    process.kill(-(face.pid ?? 0), "SIGKILL");
    expect(await follow("op1")).toEqual({ output: { counted: 60 }, done: upTo(60) });
    expect(read("executed.txt")).toBe("test.count\n");
  });

  test("five times by the operation itself: it is given up as interrupted, and others run", async () => {
    const id = await request("test.die");
    await expect(follow(id)).rejects.toMatchObject({ code: "operations/supervisor-failed" });
    expect(stateOf(id)).toBe("interrupted");
    expect((await follow(await request("test.count", { steps: 1 }))).output).toEqual({ counted: 1 });
  });
});

describe("the supervisor", () => {
  test("is one per project, however many faces ask at once", async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => request("test.count", { steps: 2 })));
    expect(new Set(ids).size).toBe(5);
    await Promise.all(ids.map((id) => follow(id)));
    expect(read("executed.txt").split("\n").filter(Boolean)).toHaveLength(5);
    const { pid } = holder();
    await follow(await request("test.count", { steps: 1 }));
    expect(holder().pid).toBe(pid);
  });

  test("leaves when idle, and the next request starts another", async () => {
    await follow(await request("test.count", { steps: 1 }));
    const first = holder();
    await until(() => !isSameProcessAlive(first));
    expect(read("left.txt")).toContain("idle");
    expect(supervisorOf(core)).toBeUndefined();
    expect((await follow(await request("test.count", { steps: 2 }))).output).toEqual({ counted: 2 });
  });

  test("leaves when the catalogue it works on is no longer the project's", async () => {
    await follow(await request("test.count", { steps: 1 }));
    const first = holder();
    rmSync(path.join(core.projectDir, ".signalbox/catalogue.sqlite"));
    await until(() => !isSameProcessAlive(first));
    expect(read("left.txt")).toContain("replaced");
  });

  test("that can't start is reported with what it said, and the operation stays queued", async () => {
    const broken = ["/bin/sh", "-c", "echo no such thing >&2; exit 3"] as const;
    await expect(
      requestOperation(core, { operation: "test.count", input: {}, openLine: lineTo(core), supervisor: broken }),
    ).rejects.toMatchObject({
      code: "operations/supervisor-failed",
      message: expect.stringContaining("no such thing"),
    });
    expect(stateOf("op1")).toBe("queued");
    expect((await awaitOperation(core, "op1", { signal: never, onProgress: () => undefined, supervisor })).state).toBe(
      "succeeded",
    );
  });
});

describe("a lease", () => {
  test("is kept where, in the same transaction, work is found", () => {
    takeLease(core.catalogue(), "l", new Date());
    expect(releaseLease(core.catalogue(), "l", () => true)).toBe(false);
    expect(lastHolder(core.catalogue(), "l")).toBeDefined();
    expect(releaseLease(core.catalogue(), "l")).toBe(true);
    expect(lastHolder(core.catalogue(), "l")).toBeUndefined();
  });
});

test("an operation is taken once", () => {
  insertOperation(core.catalogue(), { operation: "x", input: {}, caller: someCaller, now: new Date(), above: 0 });
  expect(takeQueued(core.catalogue(), new Date())?.id).toBe("op1");
  expect(takeQueued(core.catalogue(), new Date())).toBeUndefined();
});

test("a log that grew too large keeps its end, and its writers go on", () => {
  const log = path.join(core.projectDir, "supervisor.log");
  appendFileSync(log, `${"old\n".repeat(1000)}newest\n`);
  capLog(log, { mostBytes: 1000, keptBytes: 20 });
  appendFileSync(log, "next\n");
  const text = readFileSync(log, "utf8");
  expect(text.length).toBeLessThan(100);
  expect(text).toMatch(/cut from 4007 bytes[\s\S]*newest\nnext\n$/);
});
