import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { paintSections } from "../../../../src-cli/paint-sections.ts";
import { projectStatus } from "../../../../src-view/runs/project-status.ts";
import { plainProject } from "../../../../test/support/plain-project.ts";
import { type ProjectApp, projectApp } from "../../../../test/support/project-app.ts";
import { recordDecision, recordMove, recordRun } from "../../../../test/support/recorded/recorded-runs.ts";
import { initDvc } from "../../versioning/init-dvc.ts";

const now = Date.UTC(2026, 1, 3, 4, 5, 6);
const [first, second] = ["aaaa1111", "bbbb2222"];
let app: ProjectApp;
let root: string;

beforeEach(async () => {
  root = plainProject();
  app = projectApp(root, { clock: { now: () => new Date(now) } });
});
afterEach(async () => {
  await app.close();
  rmSync(root, { recursive: true, force: true });
});

const check = async (name: string) => (await app.call("environment.check", {})).checks.find((one) => one.name === name);
const problem = async (name: string) => (await app.call("runs.status", {})).problems.find((one) => one.name === name);
const shown = async () =>
  paintSections(projectStatus(await app.call("runs.status", {}), { commandOf: String, now }), {
    width: 100,
    hasColor: false,
    now,
  });

async function decide(runId: string, version: string): Promise<void> {
  recordRun(app.core, { runId });
  await recordDecision(app.core, { runId, version, alias: { before: null, after: version } });
}

describe("the records of decided runs", () => {
  beforeEach(async () => {
    await decide(first, "1");
    mkdirSync(path.join(root, ".signalbox/mlflow"), { recursive: true });
    writeFileSync(path.join(root, ".signalbox/mlflow/mlflow.db"), "");
  });

  it("are in order where each run has its folder", async () => {
    expect(await check("Records")).toMatchObject({ state: "ok", found: "1 decided run, each with its folder" });
    expect(await problem("Records")).toBeUndefined();
  });

  it("that are missing are told, by doctor and by status", async () => {
    rmSync(path.join(root, ".signalbox/runs"), { recursive: true });
    const missing = { state: "warning", found: expect.stringMatching(/1 decided run, and it isn't in .*runs$/) };
    expect(await check("Records")).toMatchObject(missing);
    expect(await problem("Records")).toMatchObject(missing);
    expect(await shown()).toContain("Problems");
  });

  it("are a problem where .signalbox was deleted whole, the managed server's models with it", async () => {
    await decide(second, "2");
    await app.close();
    rmSync(path.join(root, ".signalbox"), { recursive: true });
    app = projectApp(root, { clock: { now: () => new Date(now) } });
    // The next command brings the catalogue back from the ledger; what else was in the folder is gone.
    expect(await app.call("runs.status", {})).toMatchObject({ production: { version: "2" }, ledgerEntries: 2 });
    expect(await check("Records")).toMatchObject({
      state: "problem",
      found: expect.stringMatching(/2 decided runs, and none of them is in .*, and neither are their models/),
      fix: expect.stringContaining("restore it from a backup"),
    });
    expect(await problem("Records")).toMatchObject({ state: "problem" });
  });
});

describe("a damaged ledger", () => {
  it("is seen by status, too", async () => {
    await decide(first, "1");
    writeFileSync(path.join(root, "ledger/decisions.jsonl"), "");
    expect(await problem("Ledger")).toMatchObject({
      state: "problem",
      fix: expect.stringContaining("signalbox ledger restore"),
    });
    await app.call("ledger.restore", {});
    expect(await problem("Ledger")).toBeUndefined();
  });

  it("is seen by status where only the content of an earlier entry was changed", async () => {
    await decide(first, "1");
    await decide(second, "2");
    const file = path.join(root, "ledger/decisions.jsonl");
    writeFileSync(file, readFileSync(file, "utf8").replace(/"actor":"[^"]*"/, '"actor":"somebody else"'));
    expect(await problem("Ledger")).toMatchObject({
      found: expect.stringMatching(/Entry 1 of the ledger .* doesn't match its hash/),
      fix: expect.stringContaining("signalbox ledger restore"),
    });
    await app.call("ledger.restore", {});
    expect(await problem("Ledger")).toBeUndefined();
  });

  it("or a lowered log of reads is a problem, with the way back", async () => {
    recordRun(app.core, { runId: first });
    const alias = { before: null, after: "1" };
    await recordDecision(app.core, { runId: first, version: "1", alias, more: { referenceReads: 3 } });
    expect(await check("Ledger")).toMatchObject({
      state: "problem",
      found: expect.stringContaining("counted 3"),
      fix: expect.stringContaining("git -C"),
    });
    expect(await problem("Ledger")).toMatchObject({ found: expect.stringContaining("counted 3") });
  });
});

describe("production", () => {
  it("by an override is shown as one, with the verdict that it overrode", async () => {
    recordRun(app.core, { runId: first });
    const held = { verdict: "REJECT", reason: "worse" } as const;
    await recordDecision(app.core, { runId: first, version: "1", alias: { before: null, after: null }, more: held });
    await recordMove(app.core, "override", { runId: first, from: null, to: "1", decisionIndex: 1 });
    expect((await app.call("runs.status", {})).production).toMatchObject({
      ...{ version: "1", by: "override", verdict: "REJECT", ledgerIndex: 2 },
    });
    expect((await shown()).replace(/\s+/g, " ")).toContain("against the gate's verdict REJECT (entry 2)");
  });

  it("of the models of training plans is shown beside the project's own", async () => {
    for (const [runId, name] of [
      ["aaaa1111", "shops.late.north"],
      ["bbbb2222", "shops.late.south"],
      // Of the project that this one was forked from.
      ["cccc3333", "stores.late.south"],
    ] as const) {
      recordRun(app.core, { runId });
      await recordDecision(app.core, {
        runId,
        version: "1",
        alias: { before: null, after: "1" },
        more: { modelName: name },
      });
    }
    const status = await app.call("runs.status", {});
    expect(status.production).toBeNull();
    expect(status.routed.map(({ model, version, by }) => [model, version, by])).toEqual([
      ["shops.late.north", "1", "decision"],
      ["shops.late.south", "1", "decision"],
    ]);
    const text = await shown();
    expect(text).toContain("none of the project's own model; 2 models of training plans");
    expect(text).not.toContain("none yet");
    expect(text).toMatch(/shops\.late\.south +1 +bbbb2222 +decision/);
  });
});

describe("the active versions", () => {
  it("that don't exist are a problem, for doctor and status", async () => {
    const file = path.join(root, "configs/active.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace(/split_version: 1/, "split_version: 7"));
    const found = { state: "problem", found: "configs/active.yaml names configs/splits/v7.yaml, which doesn't exist" };
    expect(await check("Configurations")).toMatchObject(found);
    expect(await problem("Configurations")).toMatchObject(found);
  });
});

describe("versioned data", () => {
  it("that a clone doesn't have is a problem, with what brings it back", async () => {
    initDvc(root, { isNoScm: true });
    mkdirSync(path.join(root, "data"), { recursive: true });
    writeFileSync(path.join(root, "data/master.parquet"), "rows");
    await app.call("data.add", { paths: [path.join(root, "data/master.parquet")] });
    expect(await check("Data")).toMatchObject({ state: "ok", found: "1 versioned output, each in place" });
    expect((await app.call("runs.status", {})).problems).toEqual([]);
    rmSync(path.join(root, "data/master.parquet"));
    const found = await check("Data");
    expect(found).toMatchObject({
      state: "problem",
      found: "data/master.parquet is recorded but not in place",
      actions: [{ operation: "data.checkout", input: { paths: ["data/master.parquet"] } }],
    });
    expect((await app.call("runs.status", {})).problems).toEqual([found]);
    rmSync(path.join(root, ".dvc/cache"), { recursive: true });
    expect(await check("Data")).toMatchObject({
      state: "problem",
      actions: [],
      fix: expect.stringContaining("no remote is configured to fetch it from: copy .dvc/cache"),
    });
  });
});
