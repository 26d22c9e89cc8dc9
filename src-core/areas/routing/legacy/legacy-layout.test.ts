import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { routingConfigSchema } from "../../../contract/configs/routing-config.ts";
import { trainingPlanSchema } from "../../../contract/routing/routing-plans.ts";
import { jobId } from "../plan/job-id.ts";
import { assemblePlan } from "../plan/training-plan.ts";
import { someInputs } from "../testing/plan-samples.ts";
import { mapLegacyJobs } from "./legacy-jobs.ts";
import { mapLegacyPolicy } from "./legacy-policy.ts";
import { mapLegacyRoutes } from "./legacy-routes.ts";

describe("an older routing configuration", () => {
  test("keeps its keys, under `routing:` and in short form, and names those that have no equivalent", () => {
    const { yaml, unmapped } = mapLegacyPolicy({
      routing: {
        min_sample_size: { cross_sectional: 100, symbol: 50 },
        cross_sectional: { min_score: 0.51, strong_score: 0.7, min_edge: 3 },
        symbol: { regression: { short: { min_score: 0.1 } } },
        both_strong_behavior: "PREFER_CS",
        enable_experimental_lane: "maybe",
        stability_allowlist: { symbol: ["STABLE", "FINE"] },
      },
      model_zoo: { a: 1 },
    });
    expect(parse(yaml)).toEqual({
      version: 1,
      min_sample_size: { cross_sectional: 100, symbol: 50 },
      cross_sectional: { classification: { min_score: 0.51, strong_score: 0.7 } },
      symbol: { regression: { short: { min_score: 0.1 } } },
      both_strong_behavior: "PREFER_CS",
    });
    expect(routingConfigSchema.safeParse(parse(yaml)).success).toBe(true);
    expect(unmapped.map(({ key }) => key).sort()).toEqual([
      "model_zoo.a",
      "routing.cross_sectional.min_edge",
      "routing.enable_experimental_lane",
      "routing.stability_allowlist.symbol",
    ]);
  });

  test("may be at the top, and gives a threshold once", () => {
    const { yaml, unmapped } = mapLegacyPolicy({
      version: 3,
      dev_mode: true,
      symbol: { min_score: 0.6, classification: { min_score: 0.7 } },
    });
    expect(parse(yaml)).toEqual({ version: 1, dev_mode: true, symbol: { classification: { min_score: 0.6 } } });
    expect(unmapped).toEqual([{ key: "symbol.classification.min_score", reason: "symbol.min_score says the same" }]);
  });

  test("that isn't a mapping becomes the default", () => {
    expect(mapLegacyPolicy(["x"])).toMatchObject({ yaml: "version: 1\n", unmapped: [{ key: "" }] });
  });
});

describe("an older training plan", () => {
  const id = (symbol: string | null, training_type: "cross_sectional" | "symbol_specific" | "ensemble") =>
    jobId({ target: "late", symbol, training_type, stage: 1 });

  test("becomes current jobs: symbols, families, types and dependencies", () => {
    const { jobs, unmapped } = mapLegacyJobs({
      training_jobs: [
        { job_id: "cs1", target: "late", type: "cs", model_family: "trees", gpu: true },
        { job_id: "cs2", target: "late", type: "cs", model_family: "ridge" },
        {
          job_id: "own",
          target: "late",
          type: "symbol_specific",
          symbols: ["UA", "AA"],
          model_family: "trees",
          priority: 3,
          depends_on: ["cs1"],
        },
        {
          job_id: "mix",
          target: "late",
          training_type: "ensemble",
          symbol: "AA",
          route: "both",
          depends_on: ["cs1", "own", "gone"],
        },
        { target: "late", type: "segment" },
      ],
    });
    expect(jobs.map(({ symbol, training_type, model_families }) => [symbol, training_type, model_families])).toEqual([
      [null, "cross_sectional", ["ridge", "trees"]],
      ["AA", "symbol_specific", ["trees"]],
      ["AA", "ensemble", []],
      ["UA", "symbol_specific", ["trees"]],
    ]);
    expect(jobs[2]).toMatchObject({
      route: "ROUTE_BOTH",
      depends_on: [id(null, "cross_sectional"), id("AA", "symbol_specific")],
    });
    expect(jobs[1]).toMatchObject({ priority: 3, depends_on: [id(null, "cross_sectional")] });
    expect(unmapped.map(({ key }) => key).sort()).toEqual(["cs1.gpu", "jobs[4].type", "mix.depends_on"]);
    const plan = assemblePlan({ jobs, skipped: [], inputs: someInputs, marks: [], generatedAt: "", gitCommit: null });
    expect(trainingPlanSchema.parse(plan)).toEqual(plan);
  });

  test("without a list of jobs is refused", () => {
    expect(() => mapLegacyJobs({ tasks: [] })).toThrow(expect.objectContaining({ code: "routing/legacy-unknown" }));
  });
});

test("an older routing plan keeps routes, signals and reasons, and names what it can't", () => {
  const { targets, unmapped } = mapLegacyRoutes({
    targets: {
      late: {
        cs: { route: "ENABLED", state: "STRONG", reason: "good", edge: 1 },
        symbols: { UA: { route: "ROUTE_BOTH", reason: "x" }, AA: "blocked", DL: { route: "SOMETIMES" } },
      },
    },
  });
  expect(targets).toEqual({
    late: {
      cross_sectional: { route: "ENABLED", signal: "STRONG", reason: "good" },
      symbols: {
        UA: { route: "ROUTE_BOTH", cs_signal: "STRONG", symbol_signal: "WEAK_BUT_OK", reason: ["x"] },
        AA: { route: "ROUTE_BLOCKED", cs_signal: "STRONG", symbol_signal: "DISALLOWED", reason: [] },
      },
    },
  });
  expect(unmapped.map(({ key }) => key)).toEqual([
    "targets.late.cross_sectional.edge",
    "targets.late.symbols.DL.route",
  ]);
});
