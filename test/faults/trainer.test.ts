import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { EncodedError } from "../../src-core/contract/errors.ts";
import type { RunReport } from "../../src-core/contract/runs.ts";
import { processesOf } from "../../src-core/foundation/exec/leftovers.ts";
import { executeIn, type Lab, makeLab, watch } from "../support/kill-lab.ts";
import { claimsOf } from "../support/kill-processes.ts";
import { startTestServer, type TestServer } from "../support/mlflow-server.ts";

/** A project's own model that does what the file `fault` says when it is created: in the trainer's process, after its first events. */
const faultyModel = `
import json, os, pathlib, signal, sys
from sklearn.linear_model import Ridge

HERE = pathlib.Path(__file__).parent
SPEC = json.loads(pathlib.Path(sys.argv[-1]).read_text())

def make(params, seed, task):
    file = HERE / "fault"
    fault = file.read_text() if file.exists() else ""
    outputs = pathlib.Path(SPEC["output_dir"])
    if fault == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if fault == "term":
        os.kill(os.getpid(), signal.SIGTERM)
    if fault == "memory":
        raise MemoryError("Unable to allocate 9.31 GiB for an array")
    if fault == "limit":
        import resource
        used = int(open("/proc/self/statm").read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (used + 100_000_000, resource.RLIM_INFINITY))
        bytearray(2_000_000_000)
    if fault == "eat":
        eaten = []
        while True:
            eaten.append(b"x" * 50_000_000)
    if fault == "garbage":
        with open(SPEC["events_path"], "ab") as events:
            events.write(b"\\xff\\xfe not json\\n{\\"type\\": 7}\\n[1, 2\\n" + b"\\x00" * 5000 + b"\\n")
        sys.stdout.buffer.write(b"\\x1b]8;;\\x07\\xff" * 100_000 + b'\\n{"type":"error","code":"x"}\\n')
        sys.stdout.flush()
    if fault == "nothing":
        os._exit(0)
    if fault in ("no metric", "no json"):
        (outputs / "model").mkdir(parents=True)
        (outputs / "model" / "MLmodel").write_text("{}")
        (outputs / "training.json").write_text("{" if fault == "no json" else json.dumps({
            "schema": 1, "model_type": "x", "model_digest": "0", "canonical_digest": "0", "canonical_note": None, "files": [],
            "trained_rows": 1, "features": [], "metrics": {}, "params": {}, "fit_seconds": 0, "peak_memory_bytes": None}))
        os._exit(0)
    return Ridge()
`;

let folder: string;
let server: TestServer;
let lab: Lab;
const setFault = (fault: string) => writeFileSync(path.join(lab.project, "fault"), fault);

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-trainer-"));
  server = await startTestServer();
  lab = await makeLab(folder, server, "orders", "version", {
    prepare: (project) => {
      writeFileSync(path.join(project, "faulty.py"), faultyModel);
      writeFileSync(
        path.join(project, "configs/models/v1.yaml"),
        "version: 1\nmodel:\n  type: python:faulty:make\nseed: 42\n",
      );
    },
  });
  await executeIn(lab, "runs.stage", { name: "version", run: lab.runId });
}, 300_000);
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await lab.before("version");
  await executeIn(lab, "runs.stage", { name: "version", run: lab.runId });
});

const cases = [
  { what: "killed -9", fault: "kill", code: "jobs/failed", says: /killed by SIGKILL/ },
  { what: "killed by TERM", fault: "term", code: "jobs/failed", says: /SIGTERM/ },
  { what: "out of memory, as Python reports it", fault: "memory", code: "jobs/out-of-memory", says: /memory/i },
  { what: "out of its memory limit", fault: "limit", code: "jobs/out-of-memory", says: /memory/i },
  { what: "ending with 0 without its outputs", fault: "nothing", code: "jobs/output-missing", says: /outputs\/model/ },
  { what: "ending without a metric", fault: "no metric", code: "training/no-metrics", says: /metric/ },
  { what: "leaving a broken result", fault: "no json", code: "training/garbage", says: /training\.json/ },
] as const;

describe("a trainer", () => {
  for (const { what, fault, code, says } of cases) {
    it(`${what} ends the run with code, reason and next step, leaves no process, and the run resumes`, async () => {
      setFault(fault);
      const failure = await train();
      expect(failure, JSON.stringify(failure)).toMatchObject({ code, message: expect.stringMatching(says) });
      expect(failure.hint).toBeTruthy();
      await expectFailedAndResumed(code);
    }, 120_000);
  }

  it("that prints garbage, even among its events, isn't harmed by it", async () => {
    setFault("garbage");
    expect(await trained()).toBe("FINISHED");
  }, 120_000);

  it("killed by the kernel for memory is reported as such", async ({ skip }) => {
    const group = memoryGroup(1_200_000_000);
    if (typeof group === "string") {
      console.warn(`NOT TESTED: a trainer killed by the kernel for memory: ${group}`);
      return skip(group);
    }
    try {
      setFault("eat");
      const child = path.join(import.meta.dirname, "../support/fault-child.ts");
      const input = JSON.stringify({ name: "train", run: lab.runId });
      const argv = [process.execPath, child, lab.project, "runs.stage", input];
      const inGroup = spawn("/bin/sh", ["-c", `echo $$ > ${group.folder}/cgroup.procs; exec "$@"`, "sh", ...argv], {
        env: { ...process.env, ...lab.env },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const { output } = await watch(inGroup).end;
      expect(output).toMatch(/error jobs\/out-of-memory/);
      await expectFailedAndResumed("jobs/out-of-memory");
    } finally {
      group.release();
    }
  }, 120_000);
});

const train = async (): Promise<EncodedError> =>
  (await executeIn(lab, "runs.stage", { name: "train", run: lab.runId }).then(
    () => ({ code: "none", message: "it succeeded" }),
    (error: unknown) => error,
  )) as EncodedError;

const trained = async (): Promise<string> =>
  ((await executeIn(lab, "runs.stage", { name: "train", run: lab.runId })) as RunReport).run.status;

async function expectFailedAndResumed(code: string): Promise<void> {
  const { run, error } = (await executeIn(lab, "runs.show", { run: lab.runId })) as RunReport;
  expect(run).toMatchObject({ status: "FAILED", isResumable: true, stage: "train" });
  expect(error).toMatchObject({ code });
  for (const { token } of claimsOf(lab)) expect(processesOf(token)).toEqual([]);
  setFault("");
  expect(await trained()).toBe("FINISHED");
}

/** A control group with a memory limit, or the reason why there is none. */
function memoryGroup(limitBytes: number): { readonly folder: string; readonly release: () => void } | string {
  for (const { root, limit } of [
    { root: "/sys/fs/cgroup/memory", limit: "memory.limit_in_bytes" },
    { root: "/sys/fs/cgroup", limit: "memory.max" },
  ]) {
    const made = path.join(root, `signalbox-trainer-${process.pid}`);
    try {
      if (!existsSync(path.join(root, "cgroup.procs"))) continue;
      mkdirSync(made);
      writeFileSync(path.join(made, limit), String(limitBytes));
      return { folder: made, release: () => rmdirSync(made) };
    } catch {
      if (existsSync(made)) rmdirSync(made);
    }
  }
  return "it needs a writable memory control group";
}
