import { rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { paintSections } from "../../../src-cli/paint-sections.ts";
import { checkedRun, decisions } from "../../../src-view/records/decisions.ts";
import { projectStatus } from "../../../src-view/runs/project-status.ts";
import { runsFound } from "../../../src-view/runs/run-list.ts";
import type { Section } from "../../../src-view/section.ts";
import { plainProject } from "../../../test/support/plain-project.ts";
import { contentsOf, type ProjectApp, projectApp } from "../../../test/support/project-app.ts";
import { recordDecision, recordMove, recordRun } from "../../../test/support/recorded/recorded-runs.ts";
import type { GateRow } from "../../contract/runs/stage-results.ts";

const decidedAt = Date.UTC(2026, 1, 3, 4, 5, 6);
const [first, second, open] = ["aaaa1111", "bbbb2222", "cccc3333"];
const primary: GateRow = {
  ...{ role: "primary", metric: "reference_rmse", rule: "superiority", candidate: 2, production: 1.9 },
  ...{ improvement: -0.1, low: -0.3, high: 0.1, p: 0.8, adjustedP: 0.8, outcome: "undecided", note: null },
};

let app: ProjectApp;

/** A promoted run, one that was held and then promoted by a person, who took it back, and one without a decision. */
beforeEach(async () => {
  app = projectApp(plainProject(), { clock: { now: () => new Date(decidedAt) } });
  const { core } = app;
  for (const runId of [first, second, open]) recordRun(core, { runId });
  await recordDecision(core, { runId: first, version: "1", alias: { before: null, after: "1" } });
  const held = { verdict: "HOLD", reason: "not decided", n: 80, referenceReads: 2 } as const;
  await recordDecision(core, {
    runId: second,
    version: "2",
    alias: { before: "1", after: "1" },
    more: { ...held, rows: [primary] },
  });
  await recordMove(core, "override", { runId: second, from: "1", to: "2", decisionIndex: 2 });
  await recordMove(core, "rollback", { runId: first, from: "2", to: "1", decisionIndex: 3 });
});
afterEach(async () => {
  await app.close();
  rmSync(app.core.projectDir, { recursive: true, force: true });
});

describe("the decisions of a project", () => {
  it("are listed newest first, with what each left in production", async () => {
    const { total, decisions } = await app.call("promotion.list", {});
    expect(total).toBe(4);
    expect(
      decisions.map((it) => [it.ledgerIndex, it.kind, it.runId, it.verdict, it.productionBefore, it.productionAfter]),
    ).toEqual([
      [4, "rollback", first, null, "2", "1"],
      [3, "override", second, null, "1", "2"],
      [2, "decision", second, "HOLD", "1", "1"],
      [1, "decision", first, "PROMOTE", null, "1"],
    ]);
    expect(decisions[0]).toMatchObject({
      ...{ modelName: "shops_model", modelVersion: "1", reason: "the harbour asked for it", actor: "ada", decidedAt },
    });
  });

  it("are counted in whole where only the last are asked for", async () => {
    const { total, decisions } = await app.call("promotion.list", { limit: 1 });
    expect([total, decisions.map((it) => it.ledgerIndex)]).toEqual([4, [4]]);
  });
});

describe("a decision", () => {
  it("is shown from the ledger's entry: rows, rule, gate, and what a person did afterwards", async () => {
    const shown = await app.call("promotion.show", { run: "#2" });
    expect(shown).toMatchObject({
      decision: { ledgerIndex: 2, verdict: "HOLD", reason: "not decided", modelVersion: "2" },
      gate: [primary],
      ...{ rule: "bootstrap", gateHash: "ab".repeat(32), n: 80, clusters: null, clusterBy: [] },
      ...{ alpha: 0.05, replicates: 9_999, seed: 42, referenceReads: 2 },
    });
    expect(shown.later.map((it) => [it.ledgerIndex, it.kind])).toEqual([[3, "override"]]);
  });

  it("that the ledger lost, though the catalogue knows of it, is named", async () => {
    writeFileSync(app.core.project().paths.ledgerFile, "");
    await expect(app.call("promotion.show", { run: "#1" })).rejects.toMatchObject({
      code: "ledger/truncated",
      next: [{ operation: "ledger.restore" }, { program: "git" }],
    });
  });
});

describe("the gate for scripts", () => {
  it("passes a promoted run with 0", async () => {
    const checked = await app.call("promotion.check", { run: "#1" });
    expect(checked).toEqual({
      runId: first,
      verdict: "PROMOTE",
      reason: "better",
      isExperiment: false,
      isOverridden: false,
      isPassed: true,
    });
    expect(await app.exitCode("promotion.check", checked)).toBe(0);
  });

  it("says no to a held one with 6, whatever a person did, unless that is to count", async () => {
    const checked = await app.call("promotion.check", { run: "#2" });
    expect(checked).toMatchObject({ verdict: "HOLD", isOverridden: true, isPassed: false });
    expect(await app.exitCode("promotion.check", checked)).toBe(6);
    const allowed = await app.call("promotion.check", { run: "#2", allowOverride: true });
    expect(allowed).toEqual({ ...checked, isPassed: true });
    expect(await app.exitCode("promotion.check", allowed)).toBe(0);
  });
});

describe("an experiment of a training plan", () => {
  const experiment = "dddd4444";
  beforeEach(async () => {
    recordRun(app.core, {
      runId: experiment,
      row: {
        verdict: "PROMOTE",
        params: {
          job_id: "late/north",
          plan_target: "late",
          training_type: "symbol_specific",
          experiment_only: "true",
        },
      },
    });
    await recordDecision(app.core, {
      runId: experiment,
      version: "1",
      alias: { before: null, after: null },
      more: { modelName: "shops_late_north", isExperiment: true },
    });
  });

  it("is listed and shown as one, and never passes", async () => {
    const [newest] = (await app.call("promotion.list", { limit: 1 })).decisions;
    expect(newest).toMatchObject({ runId: experiment, verdict: "PROMOTE", isExperiment: true });
    expect((await app.call("promotion.show", { run: experiment })).decision.isExperiment).toBe(true);
    const checked = await app.call("promotion.check", { run: experiment });
    expect(checked).toMatchObject({ verdict: "PROMOTE", isExperiment: true, isPassed: false });
    expect(await app.exitCode("promotion.check", checked)).toBe(6);
    const [entry] = (await app.call("ledger.list", { limit: 1 })).entries;
    expect(entry).toMatchObject({ verdict: "PROMOTE", isExperiment: true });
  });

  it("is named in the words that a person reads, and its verdict isn't shown alone", async () => {
    const words = async (sections: readonly Section[]) =>
      paintSections(sections, { width: 100, hasColor: false, now: decidedAt });
    const listed = await words(decisions(await app.call("promotion.list", {}), decidedAt));
    expect(listed).toMatch(/experiment \(PROMOTE\) +dddd4444/);
    const shown = await words(checkedRun(await app.call("promotion.check", { run: experiment })));
    expect(shown).toContain("✗ run dddd4444  experiment (PROMOTE)");
    expect(shown).toContain("the model is never promoted");
    const status = await app.call("runs.status", {});
    expect(status).toMatchObject({ lastVerdict: "PROMOTE", lastIsExperiment: true });
    expect(await words(projectStatus(status, { commandOf: String, now: decidedAt }))).toMatch(
      /last verdict +experiment \(PROMOTE\)/,
    );
    const list = await app.call("runs.list", {});
    expect(list.runs[0]?.plan).toMatchObject({ isExperiment: true });
    expect(await words(runsFound(list, decidedAt))).toContain("experiment (PROMOTE)");
  });
});

describe("a decision on a run that has no record here, as in a clone", () => {
  beforeEach(() => {
    app.core.catalogue().write((writer) => writer.run("DELETE FROM runs"));
  });

  it("is shown and checked by `latest`, by the run's id and by its beginning", async () => {
    for (const run of ["latest", first, first.slice(0, 6)])
      expect((await app.call("promotion.show", { run })).decision.runId).toBe(run === "latest" ? second : first);
    expect((await app.call("promotion.check", { run: second })).verdict).toBe("HOLD");
  });

  it("isn't told as if the project had none", async () => {
    await expect(app.call("runs.show", {})).rejects.toMatchObject({
      code: "runs/not-found",
      message: expect.stringContaining("the ledger's 2 decisions are on runs that were made elsewhere"),
      next: [{ operation: "promotion.list" }, { operation: "environment.check" }, { operation: "runs.start" }],
    });
  });
});

it("a run without a decision is told from one that isn't there", async () => {
  const open = { code: "promotion/not-decided", message: "Run #3 (FINISHED) has no decision yet." };
  await expect(app.call("promotion.show", {})).rejects.toMatchObject(open);
  await expect(app.call("promotion.check", {})).rejects.toMatchObject(open);
  const missing = { code: "runs/not-found" };
  await expect(app.call("promotion.show", { run: "#9" })).rejects.toMatchObject(missing);
  await expect(app.call("promotion.check", { run: "#9" })).rejects.toMatchObject(missing);
  await expect(app.call("promotion.override", { run: "#9", reason: "x" })).rejects.toMatchObject(missing);
});

it("a move without a reason is refused before anything is asked or written", async () => {
  const before = contentsOf(app);
  const refused = { code: "rpc/invalid-input", details: { input: ["reason"] } };
  await expect(app.call("promotion.override", { run: "#2", reason: "" })).rejects.toMatchObject(refused);
  await expect(app.call("promotion.rollback", { reason: "" })).rejects.toMatchObject(refused);
  expect(contentsOf(app)).toEqual(before);
});

it("looking at decisions changes neither a file nor a row", async () => {
  const before = contentsOf(app);
  await app.call("promotion.list", {});
  await app.call("promotion.show", { run: "#2" });
  await app.call("promotion.check", { run: "#2", allowOverride: true });
  expect(contentsOf(app)).toEqual(before);
});
