import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { testPlace } from "../../../test/support/test-place.ts";
import { sha256 } from "../files/digest.ts";
import { identityOf } from "../files/process-identity.ts";
import { jobPaths, readClaim, readRunning, readSpec } from "./job-files.ts";
import { processesOf } from "./leftovers.ts";
import type { JobRequest, JobSource } from "./place.ts";

/** What every place promises, tried on this machine. */
const place = testPlace();
let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), "sb-place-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function job(script: string, more: Partial<JobRequest> = {}): JobRequest {
  const folder = path.join(root, "runs", "r1", "train");
  mkdirSync(folder, { recursive: true });
  return {
    ...{ jobId: "train", runId: "r1", kind: "train", folder, argv: ["/bin/sh", "-c", script], env: {}, inputs: [] },
    ...{ expectedOutputs: [], ...more },
  };
}

async function ended(folder: string) {
  for (;;) {
    const status = place.status(folder);
    if (status !== undefined && !["queued", "starting", "running"].includes(status.state)) return status;
    await pause(20);
  }
}

function source(name: string, content: string): JobSource {
  const from = path.join(root, name);
  writeFileSync(from, content);
  return { path: `inputs/${name}`, from, sha256: sha256(content) };
}

describe("a place starts a job", () => {
  test("in the job's own folder, with its inputs and its document under the names that the job has for them", async () => {
    const script = "cat inputs/rows.csv spec.json > outputs/both; pwd";
    const rows = source("rows.csv", "id\n1\n");
    const request = job(script, { inputs: [rows], document: { a: 1 }, expectedOutputs: ["outputs/both"] });
    expect(await place.start(request)).toEqual({ attempt: 1, isAttached: false });
    expect((await ended(request.folder)).state).toBe("succeeded");
    await place.fetchOutputs(request.folder);
    expect(readFileSync(path.join(request.folder, "outputs/both"), "utf8")).toBe('id\n1\n{\n  "a": 1\n}\n');
    expect(readFileSync(jobPaths(request.folder).outputLog, "utf8")).toBe(`${request.folder}\n`);
    expect(readSpec(request.folder)?.inputs).toEqual([
      { path: "inputs/rows.csv", sha256: rows.sha256 },
      { path: "spec.json", sha256: sha256('{\n  "a": 1\n}\n') },
    ]);
  });

  test("once: another start attaches while it lives and after it succeeded", async () => {
    const request = job("sleep 0.3; printf x > outputs/x", { expectedOutputs: ["outputs/x"] });
    await place.start(request);
    expect(await place.start(request)).toEqual({ attempt: 1, isAttached: true });
    await ended(request.folder);
    expect(await place.start(request)).toEqual({ attempt: 1, isAttached: true });
  });

  test("as another one where an input, the environment or what it makes differs", async () => {
    const environment = (digest: string) => ({ python: "/bin/sh", digest, pythonMinor: "3.13" });
    const asked = [
      job("true"),
      job("true", { inputs: [source("a", "1")] }),
      job("true", { inputs: [source("a", "2")] }),
      job("true", { python: environment("e1") }),
      job("true", { python: environment("e2") }),
      job("touch outputs/x", { expectedOutputs: ["outputs/x"] }),
    ];
    for (const [index, request] of asked.entries()) {
      expect((await place.start(request)).attempt).toBe(index + 1);
      await ended(request.folder);
    }
  });

  test("whose interpreter is written nowhere, nor where it lies handed to the program", async () => {
    const request = job("", {
      argv: ["python", "-c", "env > outputs/env"],
      python: { python: "/bin/sh", digest: "e1", pythonMinor: "3.13" },
      expectedOutputs: ["outputs/env"],
    });
    await place.start(request);
    expect((await ended(request.folder)).state).toBe("succeeded");
    expect(readFileSync(jobPaths(request.folder).spec, "utf8")).not.toContain("/bin/sh");
    expect(readFileSync(path.join(request.folder, "outputs/env"), "utf8")).not.toContain("/bin/sh");
  });
});

describe("a place puts inputs", () => {
  test("by content, so that a project that is moved as a whole keeps them", async () => {
    const before = path.join(root, "before");
    mkdirSync(path.join(before, "job"), { recursive: true });
    writeFileSync(path.join(before, "rows"), "1");
    const input = { path: "inputs/rows", from: path.join(before, "rows"), sha256: sha256("1") };
    await place.putInputs(path.join(before, "job"), [input]);
    await place.putInputs(path.join(before, "job"), [input]);
    expect(path.isAbsolute(readlinkSync(path.join(before, "job/inputs/rows")))).toBe(false);
    renameSync(before, path.join(root, "after"));
    expect(readFileSync(path.join(root, "after/job/inputs/rows"), "utf8")).toBe("1");
  });

  test("anew where another content has the name, and never outside of the job's folder", async () => {
    const folder = path.join(root, "job");
    await place.putInputs(folder, [source("rows", "1")]);
    await place.putInputs(folder, [{ ...source("other", "2"), path: "inputs/rows" }]);
    expect(readFileSync(path.join(folder, "inputs/rows"), "utf8")).toBe("2");
    for (const name of ["../rows", "/rows", "inputs/../../rows"])
      await expect(place.putInputs(folder, [{ ...source("other", "2"), path: name }])).rejects.toThrow(/plain path/);
  });
});

describe("a place follows an attempt", () => {
  test("from its own first byte, and from an offset on, to its end", async () => {
    const request = job('printf "one\\ntwo\\n"; exit 1');
    await place.start(request);
    await ended(request.folder);
    await place.start(request);
    const read = async (offset?: number) => {
      let text = "";
      const what = { attempt: 2, log: "output", ...(offset === undefined ? {} : { offset }) } as const;
      for await (const { bytes } of place.follow(request.folder, what)) text += String(bytes);
      return text;
    };
    expect(await read()).toBe("one\ntwo\n");
    expect(await read(2)).toBe("one\ntwo\n");
    expect(await read(12)).toBe("two\n");
  });
});

test("a place cancels a job that lives, and says how one ended that doesn't", async () => {
  const request = job("sleep 60");
  expect(await place.cancel(request.folder, 0)).toBeUndefined();
  await place.start(request);
  expect((await place.cancel(request.folder, 500))?.state).toBe("cancelled");
  expect((await place.cancel(request.folder, 500))?.state).toBe("cancelled");
});

describe("a channel", () => {
  test("carries lines to a program and back, and ends with it", async () => {
    const request = job('while read -r line; do echo "you said $line"; done; echo bye; echo aside >&2');
    const channel = await place.open(request, "lines");
    channel.send("a");
    channel.send("b");
    channel.end();
    const lines: string[] = [];
    for await (const line of channel.lines) lines.push(line);
    expect(lines).toEqual(["you said a", "you said b", "bye"]);
    expect(await channel.ended).toMatchObject({ state: "succeeded", attempt: 1 });
    expect(readFileSync(jobPaths(request.folder).outputLog, "utf8")).toBe("aside\n");
  });

  test("is its opener's own: no other one attaches, and cancelling the job closes it", async () => {
    const request = job("sleep 60 & echo there; wait");
    const channel = await place.open(request, "lines");
    const lines = channel.lines[Symbol.asyncIterator]();
    expect(await lines.next()).toMatchObject({ value: "there" });
    await expect(place.open(request, "lines")).rejects.toMatchObject({ code: "jobs/already-running" });
    const token = readClaim(request.folder, 1)?.token ?? "";
    await place.cancel(request.folder, 0);
    expect(await lines.next()).toMatchObject({ done: true });
    expect((await channel.ended).state).toBe("cancelled");
    expect(processesOf(token)).toEqual([]);
    expect((await place.open(request, "lines")).attempt).toBe(2);
    await place.cancel(request.folder, 0);
  });

  test("loses its program when its runner is killed", async () => {
    const request = job("sleep 60");
    const channel = await place.open(request, "lines");
    while (readRunning(request.folder)?.child == null) await pause(10);
    const pid = readRunning(request.folder)?.child?.pid ?? 0;
    process.kill(readClaim(request.folder, 1)?.runner.pid ?? 0, "SIGKILL");
    expect((await channel.ended).state).toBe("lost");
    for (let waited = 0; waited < 5_000 && identityOf(pid) !== undefined; waited += 20) await pause(20);
    expect(identityOf(pid)).toBeUndefined();
  });

  test("in a terminal of its own is refused with a code: this machine has none yet", async () => {
    await expect(place.open(job("true"), "pty")).rejects.toMatchObject({ code: "jobs/not-at-place" });
    expect(existsSync(jobPaths(job("true").folder).spec)).toBe(false);
  });
});

test("a place says what it has, and forwards a port", async () => {
  const { cores, memoryBytes, freeMemoryBytes } = await place.capacity();
  expect([cores, memoryBytes, freeMemoryBytes]).toEqual([os.availableParallelism(), os.totalmem(), expect.any(Number)]);
  expect(freeMemoryBytes).toBeLessThanOrEqual(memoryBytes);
  expect((await place.forward(4242)).port).toBe(4242);
});
