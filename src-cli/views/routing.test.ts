import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { OperationOutput } from "../../src-core/contract/index.ts";
import { type Route, routeSchema } from "../../src-core/contract/routing/routes.ts";
import type { QueueRow } from "../../src-core/contract/routing/routing-output.ts";
import { widthOf } from "../measure.ts";
import type { Screen } from "../screen.ts";
import { routingViews } from "./routing.ts";

const screen = (width: number): Screen => ({ width, hasColor: false, now: 1_795_260_302_726 });
const widths = [80, 120] as const;

/** Names as users and machines choose them. */
const odd = [
  "arr_delay",
  "made up in the air, against the timetable of the quarter",
  "\u{1F6EB}\u{1F6EB}\u{1F6EB}\u{1F6EB}\u{1F6EB}\u{1F6EB}\u{1F6EB}\u{1F6EB}\u{1F6EB}\u{1F6EB}\u{1F6EB}\u{1F6EB}\u{1F6EB}\u{1F6EB}\u{1F6EB}\u{1F6EB}",
  "two\nlines\r\nof it",
  "漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字",
  "\u001b[31mred\u001b[0m",
  "x".repeat(120),
  "e\u0301".repeat(20),
];
const segments = Array.from({ length: 60 }, (_, index) => (index < odd.length ? (odd[index] ?? "") : `S${index}`));
const routes = routeSchema.options;
const routeAt = (index: number): Route => routes[index % routes.length] ?? "ROUTE_BLOCKED";
const digest = "ab".repeat(32);

const routesOutput: OperationOutput<"routing.show"> = {
  file: "metrics/routing/routing_plan.json",
  generatedAt: "2025-01-01T00:00:00Z",
  marks: ["dev_mode", "block_on_leakage: false"],
  counts: {
    ...{ ROUTE_CROSS_SECTIONAL: 96, ROUTE_SYMBOL_SPECIFIC: 96, ROUTE_BOTH: 96 },
    ...{ ROUTE_EXPERIMENTAL_ONLY: 96, ROUTE_BLOCKED: 96 },
  },
  targets: odd.map((target) => ({
    target,
    crossSectional: { route: "ENABLED", signal: "STRONG", reason: "score 0.7132, strong from 0.58" },
    segments: segments.map((symbol, index) => ({
      ...{ symbol, route: routeAt(index), csSignal: "STRONG", symbolSignal: "WEAK_BUT_OK" },
      reason: [
        "cross-sectional: score 0.7132, strong from 0.58",
        `symbol: score 0.5${index}`,
        "STRONG × WEAK_BUT_OK: ROUTE_BOTH (both_strong_behavior)",
      ],
    })),
  })),
  badRows: odd.map((key) => ({ key: `${key}/${key}`, problems: ["`score` is no number: 'high'", "twice"] })),
  notes: [`Ignored columns that a candidate table doesn't have: ${odd.join(", ")}`],
};

const [someTarget] = routesOutput.targets;
const oneTarget = { ...routesOutput, targets: someTarget === undefined ? [] : [someTarget] };

const step = (view: "cross_sectional" | "symbol" | "combination", rule: string, value: number | string | null) => ({
  ...{ view, rule, value, threshold: 0.54, policy_key: "cross_sectional.regression.very_long.min_score" },
  ...{ source: "candidates:arr_delay/UA#score", outcome: rule === "none" ? "DISALLOWED" : "passed" },
});
const explained: OperationOutput<"routing.explain"> = {
  target: odd[3] ?? "",
  symbol: odd[2] ?? "",
  route: "ROUTE_BOTH",
  csSignal: "STRONG",
  symbolSignal: "WEAK_BUT_OK",
  steps: [
    step("cross_sectional", "sample_size", 13_954),
    step("cross_sectional", "strong", 0.613_422_1),
    step("symbol", "leakage_not_safe", "NOT_MEASURED"),
    step("symbol", "none", null),
    step("combination", "table", "STRONG × WEAK_BUT_OK"),
  ],
  evidence: odd.map((name) => `where ${name} is missing (812 rows) the target is true in 99.5 %, in all rows in 2.0 %`),
  wouldChange: [
    {
      ...{ kind: "threshold", key: "symbol.classification.min_score", from: "0.54", to: "0.51" },
      ...{ route: "ROUTE_EXPERIMENTAL_ONLY", text: `symbol.classification.min_score at most 0.5134 for ${odd[1]}` },
    },
  ],
};

const whatIf: OperationOutput<"routing.whatIf"> = {
  changed: [{ key: "cross_sectional.regression.very_long.min_score", from: "-2", to: "-1" }],
  routes: odd.map((name, index) => ({
    ...{
      target: name,
      symbol: index === 0 ? null : name,
      from: "ROUTE_EXPERIMENTAL_ONLY",
      to: "ROUTE_CROSS_SECTIONAL",
    },
    why: "cross-sectional is WEAK_BUT_OK now: score -1.2000, at least -2",
  })),
  ...{ jobsAdded: 3, jobsRemoved: 1, jobsBefore: 7, jobsAfter: 9 },
  ...{ cpuHoursBefore: 0.5, cpuHoursAfter: 1.25, gpuHoursBefore: 0, gpuHoursAfter: null },
};

const job = (target: string, symbol: string | null, index: number) => ({
  ...{ job_id: digest.slice(0, 16), target, symbol, route: routeAt(index), training_type: "symbol_specific" as const },
  ...{ stage: 2 as const, model_families: ["hist_gradient_boosting", "logistic_regression", "mlp"], priority: 3 },
  ...{ depends_on: [], starts_after: [], estimated_samples: 58_641, estimated_seconds: 421.5, estimate_basis: "b" },
  resources: { device: "cpu" as const, memory_gib: 1, gpu_memory_gib: 0 },
  ...{ feature_set_id: null, is_experiment: false, reason: "r", trace: [] },
});

const plan: OperationOutput<"routing.planShow"> = {
  ...{ file: "globals/training_plan/master_training_plan.json", planHash: digest, generatedAt: "then" },
  marks: ["dev_mode"],
  summary: {
    ...{ by_route: { ROUTE_BOTH: 8 }, by_type: { symbol_specific: 8 }, by_priority: { "3": 8 } },
    totals: { jobs: 8, targets: 8, symbols: 8, estimated_seconds: 3_372, cpu_hours: 0.9, gpu_hours: 0 },
  },
  jobs: odd.map((name, index) => job(name, index === 0 ? null : name, index)),
  skipped: odd.map((name) => ({
    target: name,
    symbol: name,
    reason: "reference has no usable row (train 1, reference 0)",
  })),
};

const diff: OperationOutput<"routing.planDiff"> = {
  from: `${digest.slice(0, 12)} of 2025-01-01T00:00:00.000Z`,
  to: `${digest.slice(12, 24)} of 2025-01-02T00:00:00.000Z`,
  inputs: [{ input: "targets, segments, families or selection in signalbox.yaml", from: digest, to: null }],
  rows: odd.map((name, index) => ({
    ...{ change: (["added", "removed", "changed"] as const)[index % 3] ?? "added", target: name, symbol: name },
    ...{ job: "symbol_specific, stage 2", what: "priority: 2 → 3; route: ROUTE_SYMBOL_SPECIFIC → ROUTE_BOTH" },
    why: `symbol.classification.min_score 0.54 then, 0.51 now; score of ${name}`,
  })),
};

const states: readonly QueueRow["state"][] = ["succeeded", "failed", "skipped", "queued", "running", "out_of_memory"];
const queueRow = (name: string, index: number): QueueRow => ({
  ...{ jobId: digest.slice(0, 16), target: name, symbol: index === 0 ? null : name, trainingType: "symbol_specific" },
  ...{ stage: 2, route: routeAt(index), priority: 3, state: states[index % states.length] ?? "queued" },
  why: index % 2 === 0 ? null : `needs ${name}/CS (${digest.slice(0, 16)}), which failed`,
  ...{ executor: "local", family: "hist_gradient_boosting", runId: digest.slice(0, 32), runNumber: 1_234 },
  ...{ isAsked: true, isReused: index === 0, verdict: "PROMOTE", isPromoted: true, modelName: "m", modelVersion: "17" },
  ...{ estimatedSeconds: 12.5, seconds: 1_234.5 },
});
const trained: OperationOutput<"routing.train"> = {
  ...{ isDryRun: false, planHash: digest, marks: ["dev_mode"], file: "metrics/routing/training_report.md" },
  counts: {
    ...{ planned: 9, selected: 8, trained: 3, reused: 1, promoted: 1, held: 1, rejected: 2, failed: 3, skipped: 1 },
  },
  ...{ estimatedSeconds: 3_372.5, jobSeconds: 4_000.1, wallSeconds: 2_000.1, atOnce: 2 },
  jobs: odd.map(queueRow),
  notes: [`The summary wasn't sent to MLflow: ${odd[5]}`],
};

const finding = { detector: "single_feature", feature: "tail", status: "BLOCKED", value: 1, threshold: 0.98 } as const;
const assessed: OperationOutput<"routing.assess"> = {
  ...{ candidatesFile: "metrics/routing/routing_candidates.parquet", evidenceFile: "metrics/routing/evidence.json" },
  ...{ results: 1_234, reused: 1_200, seconds: 75 },
  views: odd.flatMap((target, index) =>
    [null, ...odd].map((symbol) => ({
      ...{
        target,
        symbol,
        rows: 58_641,
        effectiveRows: 1_200.5,
        score: index === 3 ? null : -0.123_45,
        low: -0.2,
        high: 0.1,
      },
      ...{ method: "percentile bootstrap, 999 replicates, clustered by flight_date, origin, destination, carrier" },
      ...{ bestFamily: "hist_gradient_boosting", stability: "NOT_MEASURED", leakage: "BLOCKED" },
      findings: [{ ...finding, message: `where ${target} is missing (812 rows) the target is true in 99.5 %` }],
      families: [
        { family: "ridge", score: null, error: { code: "training/failed", message: `one class\n${target}` }, folds: 5 },
      ],
      note: index === 3 ? "one group only" : null,
    })),
  ),
};

const policy: OperationOutput<"routing.configShow"> = {
  ...{ file: "configs/routing.yaml", digest, marks: ["dev_mode"] },
  values: [
    { key: "stability_allowlist.cross_sectional", value: "[STABLE, DRIFTING]", origin: "configs/routing.yaml:17" },
    { key: "cross_sectional.regression.very_long.min_score", value: "-2", origin: "default" },
  ],
};
const checked: OperationOutput<"routing.configCheck"> = {
  ...{ file: "configs/routing.yaml", marks: [], segments: "carrier" },
  targets: odd.map((name) => ({
    ...{ name, task: "regression", metric: "roc_auc", tier: "very_long" },
    ...{
      families: ["hist_gradient_boosting", "logistic_regression", "mlp"],
      gate: "configs/promotion-regression.yaml",
    },
  })),
} as OperationOutput<"routing.configCheck">;
const imported: OperationOutput<"routing.import"> = {
  written: ["metrics/routing/routing_candidates.parquet"],
  kept: ["configs/routing.yaml"],
  unmapped: odd.map((name) => ({
    file: "CONFIG/training_config/routing_config.yaml",
    key: name,
    reason: "no current key has this meaning",
  })),
  notes: ["METRICS/training_plan/plan.json holds 7 jobs; it wasn't imported: signalbox train --legacy-plan plan.json"],
  actions: [],
};

const shown: readonly (readonly [string, keyof typeof routingViews, unknown])[] = [
  ["the routes of sixty segments", "routing.show", routesOutput],
  ["the routes of one target", "routing.show", oneTarget],
  ["the reasons for a route", "routing.explain", explained],
  ["what another policy would change", "routing.whatIf", whatIf],
  ["what would change nothing", "routing.whatIf", { ...whatIf, changed: [], routes: [] }],
  ["a training plan", "routing.planShow", plan],
  ["a plan that is whole", "routing.planCheck", { file: plan.file, jobs: 8, planHash: digest, marks: ["dev_mode"] }],
  ["the difference of two plans", "routing.planDiff", diff],
  ["the difference of two equal plans", "routing.planDiff", { ...diff, inputs: [], rows: [] }],
  ["a training", "routing.train", trained],
  ["what would be trained", "routing.train", { ...trained, isDryRun: true }],
  ["a queue", "routing.queue", { planHash: digest, isWorking: true, jobs: trained.jobs }],
  ["no queue", "routing.queue", { planHash: null, isWorking: false, jobs: [] }],
  ["an assessment", "routing.assess", assessed],
  ["a policy", "routing.configShow", policy],
  ["a policy that was checked", "routing.configCheck", checked],
  ["an import", "routing.import", imported],
];

async function render(
  operation: keyof typeof routingViews,
  output: unknown,
  width: number,
  hasColor = false,
): Promise<string> {
  const view = routingViews[operation] as ((output: unknown, screen: Screen, render: unknown) => unknown) | undefined;
  if (view === undefined) throw new Error(`${operation} has no view.`);
  const again = (other: keyof typeof routingViews, inner: unknown) => render(other, inner, width, hasColor);
  return String(await view(output, { ...screen(width), hasColor }, again));
}

/** Finds lines wider than the terminal, except those with one unbreakable word: an address, a path, a name. */
const tooWide = (text: string, width: number) =>
  text.split("\n").filter((line) => widthOf(line) > width && !/\S{36,}$/.test(line));

describe.each(shown)("%s", (_, operation, output) => {
  it.each(widths)("fit %i columns", async (width) => {
    expect(tooWide(await render(operation, output, width), width)).toEqual([]);
  });

  it("have the same layout in colour", async () => {
    const trimmed = (text: string) => text.replaceAll(/ +$/gm, "");
    const painted = await render(operation, output, 80, true);
    expect(trimmed(stripVTControlCharacters(painted))).toBe(trimmed(await render(operation, output, 80)));
  });

  it("let no name control the terminal", async () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that there are none is what is tested.
    expect(await render(operation, output, 80)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/);
  });
});

describe("the matrix of routes", () => {
  it("shows the letter of each segment under its name, in blocks of as many as fit", async () => {
    const plain = segments.filter((name) => /^S\d+$/.test(name));
    const cells = plain.map((symbol, index) => ({
      ...{ symbol, route: routeAt(index), csSignal: "STRONG", symbolSignal: "STRONG", reason: [] },
    }));
    const targets = ["late", "delay"].map((target) => ({ ...routesOutput.targets[0], target, segments: cells }));
    const text = await render("routing.show", { ...routesOutput, targets, badRows: [], notes: [] }, 80);
    for (const name of plain) expect(text).toMatch(new RegExp(`\\b${name}\\b`));
    const letters = text
      .split("\n")
      .filter((line) => line.startsWith("late "))
      .flatMap((line) =>
        line
          .slice(line.indexOf("yes") + 3)
          .trim()
          .split(/\s+/),
      );
    expect(letters).toEqual(plain.map((_, index) => "CSBe·"[index % 5]));
  });

  it("keeps its columns aligned whatever the names contain", async () => {
    const text = await render("routing.show", { ...routesOutput, badRows: [], notes: [] }, 120);
    const rows = text.split("\n").filter((line) => / yes /.test(line));
    const places = rows.map((line) => widthOf(line.slice(0, line.indexOf(" yes "))));
    expect(new Set(places).size).toBe(1);
    expect(rows.length % odd.length).toBe(0);
  });

  it("explains each letter and says how many there are", async () => {
    const text = await render("routing.show", routesOutput, 120);
    for (const part of ["C pooled (96)", "S own model (96)", "B both, and an ensemble (96)", "e experiment only (96)"])
      expect(text).toContain(part);
    expect(text).toContain("! made under relaxed rules: dev_mode, block_on_leakage: false");
  });
});

describe("a training for the user", () => {
  it("shows only the number of the jobs that weren't requested", async () => {
    const unasked = {
      ...queueRow("other", 0),
      state: "skipped",
      isAsked: false,
      why: "not selected (only target=late)",
    };
    const text = await render("routing.train", { ...trained, jobs: [...trained.jobs, unasked] }, 120);
    expect(text).toContain("8 of 9 planned (1 not selected), 2 in parallel");
    expect(text).not.toContain("other");
  });

  it("says that a dry run did nothing", async () => {
    const text = await render("routing.train", { ...trained, isDryRun: true }, 120);
    expect(text).toContain("nothing: --dry-run");
    expect(text).toContain("local");
    expect(text).not.toContain("signalbox promotion list");
  });

  it("is part of a whole routing's", async () => {
    const output = {
      assessed: { results: 100, reused: 100, seconds: 1.5 },
      ...{ routes: routesOutput.counts, plan: { jobs: 8, skipped: 2 }, training: trained },
    };
    const text = await render("routing.run", output, 120);
    expect(text).toContain("100 results, 100 of them reused, in 1.5 s");
    expect(text).toContain("96 ROUTE_BOTH");
    expect(text).toContain("3 trained, 1 trained before");
  });
});
