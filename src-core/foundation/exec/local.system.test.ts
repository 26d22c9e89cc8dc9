import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { testPlace } from "../../../test/support/test-place.ts";
import type { TrainerEvent } from "../../contract/jobs.ts";
import { sha256 } from "../files/digest.ts";
import { identityOf, isSameProcessAlive } from "../files/process-identity.ts";
import { jobError } from "./job-error.ts";
import { claimPath, identityFields, jobPaths, readClaim, readExit, readRunning } from "./job-files.ts";
import { readJobStatus } from "./job-status.ts";
import { processesOf } from "./leftovers.ts";
import type { JobRequest } from "./place.ts";
import { noteChild } from "./run-attempt.ts";
import { type JobResult, type RunJobOptions, runJob } from "./run-job.ts";

const place = testPlace({ env: { ...process.env, CANARY_SECRET: "canary" } });
const folders: string[] = [];

function job(script: string, more: Partial<JobRequest> = {}): JobRequest {
  const folder = path.join(mkdtempSync(path.join(os.tmpdir(), "sb-job-")), "train");
  mkdirSync(folder);
  folders.push(folder);
  return {
    jobId: "train",
    runId: "r1",
    kind: "train",
    folder,
    argv: ["/bin/sh", "-c", script],
    env: {},
    inputs: [],
    expectedOutputs: [],
    ...more,
  };
}

function run(request: JobRequest, more: Partial<RunJobOptions> = {}): Promise<JobResult> {
  const record = { started: () => undefined, settled: () => undefined };
  return runJob(request, { place, record, signal: new AbortController().signal, ...more });
}

async function until(isTrue: () => boolean, limitMs = 10_000): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`Not true within ${limitMs} ms: ${isTrue}`);
    await pause(10);
  }
}

const stateOf = (request: JobRequest) => readJobStatus(request.folder)?.state;

async function startedChild(request: JobRequest) {
  await until(() => readRunning(request.folder)?.child != null);
  const running = readRunning(request.folder);
  if (running?.child == null) throw new Error("no child");
  return { ...running, child: running.child };
}

afterEach(() => {
  for (const folder of folders.splice(0)) {
    for (let attempt = 1; ; attempt += 1) {
      const claim = readClaim(folder, attempt);
      if (claim === undefined) break;
      if (isSameProcessAlive(claim.runner)) process.kill(claim.runner.pid, "SIGKILL");
      for (const { pid } of processesOf(claim.token)) process.kill(pid, "SIGKILL");
    }
    rmSync(path.dirname(folder), { recursive: true, force: true });
  }
});

describe("a job", () => {
  test("succeeds with exit code 0 and every expected output, whose digests the runner wrote", async () => {
    const request = job("mkdir outputs/model; printf one > outputs/model/a; printf two > outputs/rows; echo done", {
      expectedOutputs: ["outputs/model", "outputs/rows"],
    });
    const result = await run(request);
    expect(result.state).toBe("succeeded");
    expect(result.outputs).toEqual([
      { path: "outputs/model", sha256: sha256(`${sha256("one")}  a\n`), size_bytes: 3, files: 1 },
      { path: "outputs/rows", sha256: sha256("two"), size_bytes: 3, files: 1 },
    ]);
    expect(readFileSync(jobPaths(request.folder).outputLog, "utf8")).toBe("done\n");
    expect(existsSync(jobPaths(request.folder).heartbeat)).toBe(true);
    expect(readdirSync(jobPaths(request.folder).attempts)).toEqual(["1.json", "1.lock"]);
  });

  test("fails with code 0 and a missing output, and with an output that changed later", async () => {
    const missing = await run(job("true", { expectedOutputs: ["outputs/model"] }));
    expect(missing.state).toBe("failed");
    expect(jobError("Training", missing)).toMatchObject({ code: "jobs/output-missing" });

    const request = job("printf x > outputs/rows", { expectedOutputs: ["outputs/rows"] });
    await run(request);
    writeFileSync(path.join(request.folder, "outputs/rows"), "y");
    expect(readJobStatus(request.folder)).toMatchObject({ state: "failed", brokenOutputs: ["outputs/rows"] });
  });

  test("keeps its exit code, and its error says what the program printed last", async () => {
    const result = await run(job("echo before; echo broken >&2; exit 3"));
    expect(result).toMatchObject({ state: "failed", exit: { code: 3, signal: null } });
    expect(jobError("Training", result)).toMatchObject({
      code: "jobs/failed",
      details: { exitCode: 3, output: "before\nbroken\n" },
    });
  });

  test("fails with a message where its program does not exist", async () => {
    const result = await run(job("", { argv: ["/no/such/program"] }));
    expect(result.state).toBe("failed");
    expect(`${result.outputTail}${result.exit?.error}`).toMatch(/no\/such\/program|ENOENT/);
  });

  test("gets the allow-listed environment and what it names, no standard input, and leaves no value in its folder", async () => {
    const request = job("env | sort; if read line; then echo input; else echo none; fi", {
      env: { MLFLOW_RUN_ID: "named-value" },
    });
    const { outputTail } = await run(request);
    expect(outputTail).toContain("MLFLOW_RUN_ID=named-value");
    expect(outputTail).toContain("PATH=");
    expect(outputTail).toContain("none");
    expect(outputTail).not.toContain("canary");
    const spec = readFileSync(jobPaths(request.folder).spec, "utf8");
    expect(JSON.parse(spec)).toMatchObject({ env_names: ["MLFLOW_RUN_ID"] });
    expect(spec).not.toContain("named-value");
  });

  test("hands its events to whoever follows, garbage counted and kept as a warning", async () => {
    const events: TrainerEvent[] = [];
    const result = await run(
      job(`echo '{"type":"metric","time":1,"key":"m","value":1}' >> events.jsonl; echo rubbish >> events.jsonl; sleep 0.2
           echo '{"type":"error","time":2,"code":"training/failed","message":"no","hint":"do","next":[{"operation":"runs.start","input":{},"why":"starts another"},"no step"]}' >> events.jsonl; exit 1`),
      { onEvent: (event) => void events.push(event) },
    );
    expect(events.map((event) => event.type)).toEqual(["metric", "warning", "error"]);
    expect(result.garbageLines).toBe(1);
    expect(jobError("Training", result)).toMatchObject({
      code: "training/failed",
      message: "no",
      hint: "do",
      next: [{ operation: "runs.start", input: {}, why: "starts another" }],
    });
  });

  test("is out of memory where its trainer reports it", async () => {
    const result = await run(
      job(`echo '{"type":"error","time":2,"code":"jobs/out-of-memory","message":"too big"}' >> events.jsonl; exit 1`),
    );
    expect(result.state).toBe("out_of_memory");
    expect(readExit(result.exit ? (folders[0] ?? "") : "")?.out_of_memory).toBe(true);
    expect(jobError("Training", result)).toMatchObject({ code: "jobs/out-of-memory", message: "too big" });
  });

  test("ends with everything it started: a background process does not outlive it", async () => {
    const request = job("(trap '' TERM HUP; exec setsid sleep 600) & exit 0");
    const result = await run(request);
    expect(result.state).toBe("succeeded");
    expect(processesOf(readClaim(request.folder, 1)?.token ?? "")).toEqual([]);
  });
});

describe("starting", () => {
  test("twice under one key runs once, from one process or from several at the same moment", async () => {
    const request = job("echo ran >> runs.txt; sleep 0.5; printf x > outputs/rows", {
      expectedOutputs: ["outputs/rows"],
    });
    const results = await Promise.all([run(request), run(request), run(request)]);
    expect(results.map((result) => result.state)).toEqual(["succeeded", "succeeded", "succeeded"]);
    expect(readFileSync(path.join(request.folder, "runs.txt"), "utf8")).toBe("ran\n");
    expect((await run(request)).isAttached).toBe(true);
    expect(readFileSync(path.join(request.folder, "runs.txt"), "utf8")).toBe("ran\n");
  });

  test("attaches to a job that lives and sees its events from the attempt's beginning", async () => {
    const request = job(
      `for i in 1 2 3 4 5; do echo "{\\"type\\":\\"progress\\",\\"time\\":$i,\\"done\\":$i}" >> events.jsonl; sleep 0.1; done`,
    );
    const seen: number[][] = [[], []];
    const follow = (index: number) =>
      run(request, { onEvent: (event) => void (event.type === "progress" && seen[index]?.push(event.done)) });
    const first = follow(0);
    await until(() => existsSync(jobPaths(request.folder).events));
    await pause(150);
    const second = await follow(1);
    await first;
    expect(second.isAttached).toBe(true);
    expect(seen).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ]);
  });

  test("another job in a folder where one lives is refused", async () => {
    const request = job("sleep 30");
    void run(request).catch(() => undefined);
    await startedChild(request);
    await expect(run({ ...request, argv: ["/bin/true"] })).rejects.toMatchObject({ code: "jobs/already-running" });
    await place.cancel(request.folder, 1000);
  });

  test("again after a failure is a new attempt: logs are appended to, events of before are not repeated", async () => {
    const request = job(
      `echo '{"type":"phase","time":1,"name":"one"}' >> events.jsonl; printf torn >> events.jsonl; echo out
       [ -f second ] || { touch second; exit 1; }`,
    );
    expect((await run(request)).state).toBe("failed");
    const names: unknown[] = [];
    const result = await run(request, { onEvent: (event) => void names.push(event.type) });
    expect(result).toMatchObject({ state: "succeeded", attempt: 2, outputTail: "out\n" });
    expect(names).toEqual(["phase"]);
    expect(readFileSync(jobPaths(request.folder).outputLog, "utf8")).toBe("out\nout\n");
    expect(existsSync(path.join(request.folder, "attempts/1.exit.json"))).toBe(true);
  });
});

describe("killed −9", () => {
  test("the runner: program and its children die with it, the job is lost, and the next start is a new attempt", async () => {
    const request = job("[ -f again ] && exit 0; touch again; sleep 600 & sleep 600");
    const following = run(request);
    const { runner, child, token } = await startedChild(request);
    await until(() => processesOf(token).length >= 3);
    process.kill(runner.pid, "SIGKILL");
    await until(() => !isSameProcessAlive(child), 1000);
    expect((await following).state).toBe("lost");
    await until(() => processesOf(token).length === 0, 5000);
    expect(await run(request)).toMatchObject({ state: "succeeded", attempt: 2 });
  });

  test("runner and watchdog together: leftovers are killed before the next attempt", async () => {
    const request = job("[ -f again ] && exit 0; touch again; setsid sleep 600 & sleep 600");
    const following = run(request);
    const { runner, token } = await startedChild(request);
    await until(() => processesOf(token).length >= 2);
    const watchdog = execFileSync("pgrep", ["-f", `SIGNALBOX_JOB_TOKEN=${token}`], { encoding: "utf8" });
    for (const pid of watchdog.trim().split("\n")) process.kill(Number(pid), "SIGKILL");
    process.kill(runner.pid, "SIGKILL");
    await following;
    await pause(200);
    expect(processesOf(token).length).toBe(2);
    expect((await run(request)).state).toBe("succeeded");
    expect(processesOf(token)).toEqual([]);
  });

  test("the program: the job fails with the signal's name", async () => {
    const request = job("sleep 600");
    const following = run(request);
    const { child } = await startedChild(request);
    process.kill(child.pid, "SIGKILL");
    const result = await following;
    expect(result).toMatchObject({ state: "failed", exit: { code: null, signal: "SIGKILL", out_of_memory: false } });
    expect(jobError("Training", result)?.message).toContain("SIGKILL");
  });

  test("whoever follows: the job goes on and the next one attaches", async () => {
    const request = job("sleep 1; printf x > outputs/rows", { expectedOutputs: ["outputs/rows"] });
    const starter = spawn(process.execPath, ["--input-type=module", "-e", starterSource(request)], {
      stdio: "inherit",
    });
    await startedChild(request);
    starter.kill("SIGKILL");
    const result = await run(request);
    expect(result).toMatchObject({ state: "succeeded", isAttached: true, attempt: 1 });
  });
});

function starterSource(request: JobRequest): string {
  const here = (name: string) => JSON.stringify(path.join(import.meta.dirname, name));
  return `import { testPlace } from ${here("../../../test/support/test-place.ts")}; import { runJob } from ${here("run-job.ts")};
    const record = { started() {}, settled() {} };
    await runJob(${JSON.stringify(request)}, { place: testPlace(), record, signal: new AbortController().signal });`;
}

describe("cancelling", () => {
  test("sends TERM to the whole group and says cancelled", async () => {
    const request = job("trap 'echo got TERM; exit 9' TERM; sleep 600 & wait");
    const stop = new AbortController();
    const following = run(request, { signal: stop.signal });
    const { token } = await startedChild(request);
    await until(() => processesOf(token).length >= 2);
    stop.abort();
    const result = await following;
    expect(result).toMatchObject({ state: "cancelled", outputTail: "got TERM\n", exit: { code: 9, cancelled: true } });
    expect(jobError("Training", result)).toMatchObject({ code: "internal/cancelled" });
    expect(processesOf(token)).toEqual([]);
  });

  test("sends KILL after the grace time to a program that ignores TERM", async () => {
    const request = job("trap '' TERM; while :; do sleep 0.05; done");
    const stop = new AbortController();
    const following = run(request, { signal: stop.signal, graceMs: 300 });
    await startedChild(request);
    await pause(100);
    const begin = performance.now();
    stop.abort();
    expect(await following).toMatchObject({ state: "cancelled", exit: { signal: "SIGKILL", out_of_memory: false } });
    expect(performance.now() - begin).toBeGreaterThan(250);
  });

  test("ends a runner that hangs, too", async () => {
    const request = job("sleep 600");
    const following = run(request);
    const { runner, child } = await startedChild(request);
    process.kill(runner.pid, "SIGSTOP");
    const status = await place.cancel(request.folder, 0);
    expect(status?.state).toBe("cancelled");
    expect(isSameProcessAlive(child)).toBe(false);
    expect((await following).state).toBe("cancelled");
  });

  test("during the start, at any moment of it, leaves a cancelled job and no process", async () => {
    for (const delayMs of [0, 5, 20, 40, 60, 80, 100, 140]) {
      const request = job("sleep 600");
      const stop = new AbortController();
      const following = run(request, { signal: stop.signal, graceMs: 2000 });
      setTimeout(() => stop.abort(), delayMs);
      expect((await following).state, `after ${delayMs} ms`).toBe("cancelled");
      expect(processesOf(readClaim(request.folder, 1)?.token ?? "0")).toEqual([]);
    }
  });

  test("after the end changes nothing; a cancelled job starts again as a new attempt", async () => {
    const request = job("[ -f again ] && exit 0; touch again; sleep 600");
    const stop = new AbortController();
    const following = run(request, { signal: stop.signal });
    await startedChild(request);
    await until(() => existsSync(path.join(request.folder, "again")));
    stop.abort();
    expect((await following).state).toBe("cancelled");
    expect((await place.cancel(request.folder, 100))?.state).toBe("cancelled");
    expect(await run(request)).toMatchObject({ state: "succeeded", attempt: 2 });
    expect((await place.cancel(request.folder, 100))?.state).toBe("succeeded");
  });
});

test("a number that another process got since is never signalled, and its job counts as lost", async () => {
  const stranger = spawn("sleep", ["600"]);
  const identity = identityOf(stranger.pid ?? 0);
  if (identity === undefined) throw new Error("no stranger");
  const forgeries = [
    { ...identity, startTime: "1" },
    { ...identity, bootId: "another boot" },
  ];
  for (const forged of forgeries) {
    const request = job("true");
    await run(request);
    const { folder } = request;
    const fields = { attempt: 1, ...identityFields(forged), token: "0".repeat(32) };
    writeFileSync(claimPath(folder, 1), JSON.stringify(fields));
    writeFileSync(
      jobPaths(folder).pid,
      JSON.stringify({ ...fields, child: identityFields(forged), output_offset: 0, events_offset: 0 }),
    );
    rmSync(jobPaths(folder).exit);
    // The runner that wrote it takes a moment to end.
    await expect.poll(() => stateOf(request)).toBe("lost");
    expect((await place.cancel(folder, 0))?.state).toBe("lost");
    expect((await run(request)).state).toBe("succeeded");
    expect(isSameProcessAlive(identity)).toBe(true);
  }
  stranger.kill("SIGKILL");
});

const canMount = process.platform === "linux" && process.getuid?.() === 0;
if (!canMount) console.warn("NOT TESTED: a full disk under output.log needs root to mount a tmpfs.");
test.runIf(canMount)("a job that fills its disk still says how it ended, and that the disk is full", async () => {
  const request = job("head -c 50000000 /dev/zero");
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", request.folder]);
  try {
    const result = await run(request);
    expect(result).toMatchObject({ state: "failed", exit: { code: 1, disk_full: true } });
    expect(jobError("Training", result)).toMatchObject({ code: "files/disk-full" });
    expect(statSync(jobPaths(request.folder).outputLog).size).toBeGreaterThan(1_500_000);
  } finally {
    execFileSync("umount", ["-l", request.folder]);
  }
});

test.runIf(canMount)("a program that fills the disk before its runner noted it leaves the note as it was", () => {
  const { folder } = job("true");
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]);
  try {
    const pid = path.join(folder, "pid.json");
    writeFileSync(pid, "as it was");
    expect(() => writeFileSync(path.join(folder, "filler"), Buffer.alloc(1 << 20))).toThrow(/ENOSPC/);
    const [claim, child] = [{ attempt: 1, token: "t" }, identityOf(process.pid) ?? null];
    if (child === null) expect.fail("this process has no identity");
    noteChild(pid, { ...claim, runner: child, child, started_at: "", output_offset: 0, events_offset: 0 });
    expect(readFileSync(pid, "utf8")).toBe("as it was");
    expect(readdirSync(folder).toSorted()).toEqual(["filler", "pid.json"]);
  } finally {
    execFileSync("umount", ["-l", folder]);
  }
});
