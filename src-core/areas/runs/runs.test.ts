import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Catalogue, openCatalogue } from "../../foundation/catalogue/open.ts";
import { ownIdentity } from "../../foundation/files/process-identity.ts";
import { findRun } from "./record/find-run.ts";
import { jobLogs } from "./record/logs.ts";
import { isOwned, isOwnedElsewhere, releaseRun, takeRun } from "./record/owner.ts";
import { readResults } from "./record/record.ts";
import { compareRuns } from "./show/compare-runs.ts";
import { lastMetrics, listRuns, putMetrics, putRun, type RunRow, resumableRun, setOutcome } from "./store.ts";

let folder: string;
let catalogue: Catalogue;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-runs-"));
  catalogue = openCatalogue(path.join(folder, "catalogue.sqlite"));
});
afterEach(() => {
  catalogue.close();
  rmSync(folder, { recursive: true, force: true });
});

function add(runId: string, changes: Partial<RunRow> = {}): number {
  const run = {
    runId,
    name: "split1-feature1-model1",
    experiment: "shop_training",
    status: "FINISHED" as const,
    isResumable: false,
    fingerprint: "f1",
    versions: { split_version: 1, feature_version: 1, model_version: 1, data_contract_version: 1 },
    stage: "decide",
    verdict: null,
    startedAt: 1_700_000_000_000,
    endedAt: null,
    error: null,
    params: {},
    ...changes,
  };
  return catalogue.write((writer) => putRun(writer, run));
}

describe("a run's number", () => {
  it("counts from 1 and stays when the run is written again", () => {
    expect([add("aaaa1111"), add("bbbb2222"), add("aaaa1111", { status: "FAILED" })]).toEqual([1, 2, 1]);
    expect(listRuns(catalogue, { limit: 10 }).runs.map((run) => [run.number, run.status])).toEqual([
      [2, "FINISHED"],
      [1, "FAILED"],
    ]);
  });
});

describe("naming a run", () => {
  beforeEach(() => {
    add("aaaa1111");
    add("aaaa2222");
  });

  it.each([
    ["latest", "aaaa2222"],
    ["#1", "aaaa1111"],
    ["1", "aaaa1111"],
    ["aaaa1111", "aaaa1111"],
    ["aaaa2", "aaaa2222"],
  ])("%s finds %s", (reference, runId) => {
    expect(findRun(catalogue, reference).runId).toBe(runId);
  });

  it("refuses an ambiguous beginning and an unknown run", () => {
    expect(() => findRun(catalogue, "aaaa")).toThrow(/More than one run id/);
    expect(() => findRun(catalogue, "#9")).toThrow(expect.objectContaining({ code: "runs/not-found" }));
  });
});

describe("the run that equal versions go on with", () => {
  it("is the newest of them if it stopped, whatever older ones did", () => {
    add("old00001", { status: "FAILED", isResumable: true });
    expect(resumableRun(catalogue, "f1")?.runId).toBe("old00001");
    add("new00001");
    expect(resumableRun(catalogue, "f1")).toBeUndefined();
    expect(resumableRun(catalogue, "f2")).toBeUndefined();
  });

  it("is a cancelled one too, but none that can't be resumed", () => {
    add("kill0001", { status: "KILLED", isResumable: true });
    expect(resumableRun(catalogue, "f1")?.runId).toBe("kill0001");
    catalogue.write((writer) =>
      setOutcome(writer, "kill0001", { status: "FAILED", isResumable: false, endedAt: 1, error: null }),
    );
    expect(resumableRun(catalogue, "f1")).toBeUndefined();
  });
});

describe("comparing runs", () => {
  it("shows the differences, and null for missing values", () => {
    add("aaaa1111", { params: { split_version: "1", feature_version: "1", seed: "42" } });
    add("bbbb2222", { params: { split_version: "1", feature_version: "2", seed: "42", extra: "x" } });
    putMetrics(catalogue, "aaaa1111", [{ key: "reference_rmse", value: 2, step: 0, timestamp: 1 }]);
    putMetrics(catalogue, "bbbb2222", [{ key: "reference_rmse", value: 1.5, step: 0, timestamp: 1 }]);
    const runs = [findRun(catalogue, "#1"), findRun(catalogue, "#2")];
    const rows = compareRuns(catalogue, runs, false);
    expect(rows.map((row) => [row.kind, row.key, ...row.values])).toEqual([
      ["version", "feature_version", "1", "2"],
      ["parameter", "extra", null, "x"],
      ["metric", "reference_rmse", "2", "1.5"],
    ]);
    expect(compareRuns(catalogue, runs, true).length).toBeGreaterThan(rows.length);
  });

  it("takes a metric's last step", () => {
    add("aaaa1111");
    const point = (step: number, value: number) => ({ key: "loss", value, step, timestamp: 1 });
    putMetrics(catalogue, "aaaa1111", [point(1, 5), point(10, 3), point(2, 4)]);
    expect(lastMetrics(catalogue, "aaaa1111")).toEqual({ loss: 3 });
  });
});

describe("a run's owner", () => {
  it("is this process until it releases the run", () => {
    expect(isOwned(folder)).toBe(false);
    takeRun(folder);
    expect(isOwned(folder)).toBe(true);
    releaseRun(folder);
    expect(isOwned(folder)).toBe(false);
  });

  it("doesn't exist in a copy of its folder, where a live one is known to execute it elsewhere", () => {
    takeRun(folder);
    const copy = path.join(folder, "copy");
    mkdirSync(copy);
    copyFileSync(path.join(folder, "owner.json"), path.join(copy, "owner.json"));
    writeFileSync(path.join(copy, "owner.lock"), "");
    expect([isOwned(copy), isOwnedElsewhere(copy)]).toEqual([false, true]);
    releaseRun(folder);
    const gone = { ...ownIdentity(), startTime: "1" };
    writeFileSync(path.join(copy, "owner.json"), JSON.stringify(gone));
    expect([isOwned(copy), isOwnedElsewhere(copy)]).toEqual([false, false]);
  });

  it("is a process of whatever container, which holds the lock", async () => {
    const script = `const { takeRun } = await import(${JSON.stringify(path.join(import.meta.dirname, "record/owner.ts"))});
      takeRun(${JSON.stringify(folder)}); console.log("taken"); setInterval(() => undefined, 1000);`;
    const owner = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await new Promise((resolve) => owner.stdout.once("data", resolve));
    // As it looks from another PID namespace.
    writeFileSync(path.join(folder, "owner.json"), JSON.stringify({ ...ownIdentity(), pid: 1, namespace: "pid:[1]" }));
    expect(isOwned(folder)).toBe(true);
    expect(() => takeRun(folder)).toThrow(expect.objectContaining({ code: "runs/active" }));
    owner.kill("SIGKILL");
    await expect.poll(() => isOwned(folder)).toBe(false);
  }, 20_000);
});

describe("a run's folder", () => {
  it("shows the last lines of its jobs' logs", () => {
    mkdirSync(path.join(folder, "train"));
    writeFileSync(path.join(folder, "train", "output.log"), "one\ntwo\nthree\n");
    expect(jobLogs(folder, { tail: 2 })).toMatchObject([{ job: "train", sizeBytes: 14, text: "two\nthree\n" }]);
    expect(jobLogs(folder, { tail: 0 })[0]?.text).toBe("one\ntwo\nthree\n");
    expect(jobLogs(folder, { job: "evaluate", tail: 2 })).toEqual([]);
  });

  it("names a stage's result that can't be read, instead of running the stage again in silence", () => {
    mkdirSync(path.join(folder, "stages"));
    writeFileSync(path.join(folder, "stages", "split.json"), '{"splitVersion": 1');
    expect(() => readResults(folder)).toThrow(expect.objectContaining({ code: "runs/interrupted" }));
  });
});
