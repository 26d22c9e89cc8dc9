import { mkdirSync, mkdtempSync, rmdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { testPlace } from "../../../test/support/test-place.ts";
import { entryPoint } from "../files/entry-points.ts";
import { jobError } from "./job-error.ts";
import { type Ending, isOutOfMemory, tailOf } from "./out-of-memory.ts";
import { runJob } from "./run-job.ts";

const killed: Ending = {
  code: null,
  signal: "SIGKILL",
  isKilledByUs: false,
  killsBefore: 3,
  killsAfter: 4,
  eventsTail: "",
};

describe("out of memory", () => {
  test("needs a kernel record beside a KILL, or exit code 137, that nobody of ours sent", () => {
    expect(isOutOfMemory(killed)).toBe(true);
    expect(isOutOfMemory({ ...killed, code: 137, signal: null })).toBe(true);
    expect(isOutOfMemory({ ...killed, killsAfter: 3 })).toBe(false);
    expect(isOutOfMemory({ ...killed, isKilledByUs: true })).toBe(false);
    expect(isOutOfMemory({ ...killed, signal: "SIGSEGV" })).toBe(false);
    expect(isOutOfMemory({ ...killed, killsBefore: undefined, killsAfter: undefined })).toBe(false);
  });

  test("is also what the trainer's own error says, but never of a program that succeeded", () => {
    const failed = { ...killed, signal: null, code: 1, killsAfter: 3 };
    const error = (fields: object) => `{"type":"progress"}\n${JSON.stringify({ type: "error", ...fields })}\n`;
    expect(isOutOfMemory({ ...failed, eventsTail: error({ code: "jobs/out-of-memory" }) })).toBe(true);
    expect(isOutOfMemory({ ...failed, eventsTail: error({ message: "MemoryError: 3 GiB" }) })).toBe(true);
    expect(isOutOfMemory({ ...failed, eventsTail: error({ message: "KeyError" }) })).toBe(false);
    expect(isOutOfMemory({ ...failed, eventsTail: '{"type":"warning","message":"no MemoryError","error":1}' })).toBe(
      false,
    );
    expect(isOutOfMemory({ ...failed, code: 0, eventsTail: error({ code: "jobs/out-of-memory" }) })).toBe(false);
  });

  test("the end of a file is read from an offset on, and a missing file is empty", () => {
    const file = path.join(mkdtempSync(path.join(os.tmpdir(), "sb-tail-")), "log");
    writeFileSync(file, "0123456789");
    expect([tailOf(file), tailOf(file, 8), tailOf(file, 0, 3), tailOf(file, 20), tailOf(`${file}x`)]).toEqual([
      "0123456789",
      "89",
      "789",
      "",
      "",
    ]);
  });
});

/** A control group with 192 MiB for the runner and its program; version 1 or 2 of the kernel's interface. */
function smallGroup(): string | undefined {
  const options = [
    { root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes" },
    { root: "/sys/fs/cgroup", limit: "memory.max" },
  ];
  for (const { root, limit } of options) {
    const folder = path.join(root, `signalbox-test-${process.pid}`);
    try {
      mkdirSync(folder);
    } catch {
      continue;
    }
    try {
      writeFileSync(path.join(folder, limit), String(192 << 20), { flag: "r+" });
      return folder;
    } catch {
      rmdirSync(folder);
    }
  }
  return undefined;
}

const group = smallGroup();
if (group === undefined)
  console.warn("NOT TESTED: a real kernel out-of-memory kill needs a writable memory control group.");
test.runIf(group !== undefined)(
  "a job that the kernel kills for memory is out of memory, not just failed",
  async () => {
    const folder = path.join(mkdtempSync(path.join(os.tmpdir(), "sb-oom-")), "train");
    mkdirSync(folder);
    const place = testPlace({
      runner: [
        "/bin/sh",
        "-c",
        `echo $$ > ${group}/cgroup.procs; exec "$@"`,
        "sh",
        process.execPath,
        entryPoint("runner"),
      ],
    });
    const hungry = "const held = []; for (;;) held.push(Buffer.alloc(8 << 20, 1));";
    const result = await runJob(
      {
        jobId: "train",
        runId: "r1",
        kind: "train",
        folder,
        // The kernel picks the largest; this makes sure that it isn't the runner.
        argv: ["/bin/sh", "-c", `echo 1000 > /proc/self/oom_score_adj; exec ${process.execPath} -e '${hungry}'`],
        env: {},
        inputs: [],
        expectedOutputs: [],
      },
      {
        place,
        record: { started: () => undefined, settled: () => undefined },
        signal: new AbortController().signal,
      },
    );
    expect(result).toMatchObject({ state: "out_of_memory", exit: { signal: "SIGKILL", out_of_memory: true } });
    expect(jobError("Training", result)).toMatchObject({ code: "jobs/out-of-memory" });
    await new Promise((resolve) => setTimeout(resolve, 200));
    rmdirSync(group ?? "");
  },
);
