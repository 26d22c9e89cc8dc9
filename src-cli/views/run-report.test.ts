import { describe, expect, it } from "vitest";
import type { GateRow } from "../../src-core/contract/runs/stage-results.ts";
import type { RunReport } from "../../src-core/contract/runs.ts";
import { runReport as shaped } from "../../src-view/runs/run-report.ts";
import { widthOf } from "../measure.ts";
import { paintSections } from "../paint-sections.ts";
import type { Screen } from "../screen.ts";

const screen = (width: number): Screen => ({ width, hasColor: false, now: 1_795_260_302_726 });
const digest = (of: string) => of.repeat(64).slice(0, 64);

const row = (over: Partial<GateRow>): GateRow => ({
  role: "guardrail",
  metric: "reference_mae",
  rule: "≤ 2 % worse",
  candidate: 3.6882,
  production: 3.6737,
  improvement: -0.0145,
  low: -0.196,
  high: 0.1498,
  p: 0.277,
  adjustedP: 0.554,
  outcome: "undecided",
  note: "7 clusters, fewer than the 10 of min_clusters",
  ...over,
});

const metric = (full: string, over: Partial<RunReport["metrics"][number]> = {}): RunReport["metrics"][number] => ({
  metric: full,
  test: full.slice(0, full.lastIndexOf("_")),
  name: full.slice(full.lastIndexOf("_") + 1),
  value: 35.6795,
  low: 33.7587,
  high: 37.6474,
  n: 7_076,
  method: "percentile bootstrap, 999 replicates, clustered by dest",
  note: null,
  whyNoInterval: null,
  ...over,
});

const unmeasured = { value: null, low: null, high: null, method: null, note: "a target is negative" };

const report: RunReport = {
  run: {
    runId: digest("8ec5cb08").slice(0, 32),
    number: 2,
    status: "FINISHED",
    isResumable: false,
    stage: "decide",
    verdict: "HOLD",
    splitVersion: 1,
    featureVersion: 1,
    modelVersion: 2,
    dataContractVersion: 1,
    startedAt: 1_795_260_049_906,
    endedAt: 1_795_260_202_726,
    primary: { metric: "reference_rmse", value: 35.6795 },
    plan: null,
  },
  experiment: "flights_training",
  stages: [
    { stage: "resolve", state: "finished", seconds: null, note: null },
    { stage: "train", state: "finished", seconds: 59.931, note: "hist_gradient_boosting on 58,641 rows in 46.6 s" },
    { stage: "decide", state: "finished", seconds: 0.635, note: "HOLD: Too little to decide on." },
  ],
  sides: [
    {
      name: "train",
      path: "data/splits/v1/train.parquet",
      rows: 58_641,
      sha256: digest("ab"),
      rowDigest: digest("cd"),
    },
    { name: "reference", path: "data/reference/r.parquet", rows: 7_076, sha256: digest("ef"), rowDigest: digest("01") },
    { name: "by_origin__EWR", path: "data/e.parquet", rows: 7_911, sha256: digest("23"), rowDigest: digest("45") },
  ],
  positiveClass: null,
  metrics: [
    metric("reference_rmse"),
    metric("reference_r2", { value: 0.32666, low: 0.27326, high: 0.37812 }),
    metric("reference_rmsle", unmeasured),
    metric("by_origin__EWR_rmse", { n: 7_911 }),
    metric("by_origin__EWR_rmsle", { ...unmeasured, n: 7_911 }),
  ],
  decision: {
    gate: {
      verdict: "HOLD",
      reason: "Too little to decide on.",
      rows: [
        row({ role: "validity", metric: "leakage", rule: "holds", outcome: "pass", note: "none found" }),
        row({ role: "threshold", metric: "reference_rmse", rule: "≤ 60", outcome: "pass", note: null }),
        row({ role: "primary", metric: "reference_rmse", rule: "superiority", outcome: "fail", note: null, p: 0.0001 }),
        row({}),
      ],
      rule: "bootstrap",
      gateHash: digest("37"),
      n: 7_076,
      clusters: 24,
      clusterBy: ["dest"],
      alpha: 0.05,
      replicates: 9_999,
      seed: 42,
      minimumDetectable: 0.30836,
      extraUnitsNeeded: 145.2,
    },
    ledgerIndex: 2,
    ledgerHash: digest("03"),
    modelName: "flights_model",
    modelVersion: "2",
    productionBefore: { version: "1", runId: digest("99").slice(0, 32) },
    isAliasMoved: false,
    referenceReads: 3,
  },
  versioned: [{ path: "data/splits/v1", hash: `${digest("5b").slice(0, 32)}.dir` }],
  mlflowUrl: "http://127.0.0.1:45679/#/experiments/1/runs/8ec5cb088a994565830f3f420305b88b",
  trackingUri: "http://127.0.0.1:45679",
  runFolder: ".signalbox/runs/8ec5cb088a994565830f3f420305b88b",
  error: null,
  params: {},
  warnings: ["column \u001b[2Jname is odd"],
  actions: [],
  nextSteps: ["signalbox promotion show 8ec5cb08   # the evidence behind the verdict"],
};

const runReport = (run: RunReport, on: Screen) => paintSections(shaped(run, on.now), on);

/** Finds lines wider than the terminal, except those with one unbreakable address or path. */
const tooWide = (text: string, width: number) =>
  text.split("\n").filter((line) => widthOf(line) > width && !/\S{36,}$/.test(line));

describe("the report of a run", () => {
  it.each([60, 80, 100, 140])("fits %i columns and cuts no figure, name or digest", (width) => {
    const text = runReport(report, screen(width));
    expect(tooWide(text, width)).toEqual([]);
    expect(text).not.toContain("…");
    for (const it of ["by_origin__EWR", "abababababab", "[33.76, 37.65]", "hist_gradient_boosting", "58,641"]) {
      expect(text).toContain(it);
    }
  });

  it("shows the verdict and its reason first, and the reason only once", () => {
    const text = runReport(report, screen(80));
    expect(text.split("\n").slice(0, 2)).toEqual(["Run #2 8ec5cb08  HOLD", "Too little to decide on."]);
    expect(text.split("Too little to decide on.")).toHaveLength(2);
  });

  it("lists what wasn't measured once, with its reason", () => {
    const text = runReport(report, screen(80));
    expect(text.match(/Not measured: rmsle \(a target is negative\)\./g)).toHaveLength(2);
    expect(text).not.toContain("reference_rmsle");
  });

  it("says why an interval is missing, and shows the method only for the other metrics", () => {
    const withheld = { low: null, high: null, method: null, whyNoInterval: "the same on every resample" };
    const metrics = [metric("reference_rmse"), metric("reference_f1", { value: 1, ...withheld })];
    const text = runReport({ ...report, metrics }, screen(80));
    expect(text).toMatch(/No interval: f1 \(the same on every resample\)\./);
    expect(text).toMatch(/Intervals: percentile bootstrap/);
    expect(text).not.toContain("interval by");
  });

  it("shows what each comparison could have detected, and how many rows an undecided one needs", () => {
    const rows = [row({ note: null, minimumDetectable: 0.2345, extraUnitsNeeded: 1_234 }), row({ outcome: "pass" })];
    const { decision } = report;
    if (decision === null) return expect.fail("no decision");
    const text = runReport({ ...report, decision: { ...decision, gate: { ...decision.gate, rows } } }, screen(120));
    expect(text).toMatch(/ MDE$/m);
    expect(text).toMatch(/ 0\.23/);
    expect(text.match(/an effect of this size needs about 1,234 more rows/g)).toHaveLength(1);
  });

  it.each([110, 115, 118, 120, 125, 129, 130, 160])(
    "keeps the gate a table in %i columns: a row in one line",
    (width) => {
      const text = runReport(report, screen(width));
      const head =
        /^ *role +metric +(rule +)?candidate +production +improvement +bounds +p +adj\. p +MDE( +outcome)?$/m;
      expect(text).toMatch(head);
      expect(text).toMatch(
        /^ *\? guardrail +reference_mae .*3\.688 +3\.674 +-0\.015 +\[-0\.196, 0\.150\] +0\.277 +0\.554/m,
      );
      expect(text).toMatch(/≤ 2 % worse(: undecided| )/);
      expect(tooWide(text, width)).toEqual([]);
    },
  );

  it("shows the gate row by row with figures, bounds, p values and a sign that needs no colour", () => {
    const text = runReport(report, screen(80));
    expect(text).toContain("✓ validity   leakage: passed – none found");
    expect(text).toMatch(/✗ primary {4}reference_rmse: superiority \(fail\)/);
    expect(text).toMatch(/\? guardrail {2}reference_mae: ≤ 2 % worse \(undecided\)/);
    expect(text).toMatch(/3\.688 +3\.674 +-0\.015 +\[-0\.196, 0\.150\] +0\.277 +0\.554/);
    expect(text).toContain("<0.001");
    expect(text.replace(/\s+/g, " ")).toContain("146 more rows, of further groups, would be needed to decide.");
  });

  it("shows the positive class in its facts and with the gate", () => {
    const { decision } = report;
    if (decision === null) return expect.fail("no decision");
    const gate = { ...decision.gate, positiveClass: "ja" };
    const text = runReport({ ...report, positiveClass: "ja", decision: { ...decision, gate } }, screen(100));
    expect(text).toMatch(/^ *positive class +ja$/m);
    expect(text.replace(/\s+/g, " ")).toContain("The class whose probability is measured is ja.");
    expect(runReport(report, screen(100))).not.toContain("positive class");
  });

  it("shows where everything is and what comes next", () => {
    const text = runReport(report, screen(80));
    for (const it of [
      "entry 2, 030303030303",
      "flights_model version 2; version 1 stays champion",
      report.mlflowUrl ?? "",
      `${report.runFolder}/`,
      "data/splits/v1  5b5b5b5b5b5b",
      "signalbox promotion show 8ec5cb08",
    ]) {
      expect(text).toContain(it);
    }
  });

  it("lets no foreign text control the terminal", () => {
    expect(runReport(report, screen(80))).toContain("\\x1b[2Jname");
  });

  it("shows a failed run's error with the next step instead of a decision", () => {
    const failed: RunReport = {
      ...report,
      decision: null,
      run: { ...report.run, status: "FAILED", verdict: null },
      error: { code: "splits/leakage", message: "dep_delay is known only afterwards.", hint: "Take it out.", next: [] },
    };
    const text = runReport(failed, screen(80));
    expect(text.split("\n").slice(0, 4)).toEqual([
      "Run #2 8ec5cb08  FAILED",
      "✗ dep_delay is known only afterwards.",
      "  Take it out.",
      "  splits/leakage",
    ]);
  });
});
