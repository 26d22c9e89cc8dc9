import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generatedCases } from "../../../../test/support/amounts.ts";
import type { PlanJob, TrainingPlan } from "../../../contract/routing/routing-plans.ts";
import { trainingPlanSchema } from "../../../contract/routing/routing-plans.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import { canonicalJson } from "../../../foundation/text/canonical-json.ts";
import { viewKey } from "../candidates/view-key.ts";
import {
  anyRouting,
  decision,
  familyEvidence,
  net,
  planInput,
  ridge,
  segment,
  testSeed,
  trees,
  viewEvidence,
} from "../testing/plan-samples.ts";
import { planInputsOf } from "./plan-hash.ts";
import { withBarriers, withoutBarriers } from "./text/plan-barrier.ts";
import { trainingPlanText } from "./text/plan-text.ts";
import { buildTrainingPlan } from "./training-plan.ts";

const seed = testSeed("training plans");

/** "late/UA symbol_specific 1 p2": which jobs there are, in their order. */
function shape({ jobs }: TrainingPlan): readonly string[] {
  return jobs.map((job) => `${job.target}/${job.symbol ?? "CS"} ${job.training_type} ${job.stage} p${job.priority}`);
}

function job(plan: TrainingPlan, symbol: string | null, of: Partial<PlanJob> = {}): PlanJob {
  const found = plan.jobs.find(
    (one) =>
      one.symbol === symbol &&
      one.stage === (of.stage ?? 1) &&
      (one.training_type === "ensemble") === (of.training_type === "ensemble"),
  );
  if (found === undefined) throw new Error(`No job of ${symbol} in ${shape(plan).join(", ")}`);
  return found;
}

describe("the jobs of a routing", () => {
  test("ROUTE_BOTH is a segment's own job after the cross-sectional one, and an ensemble after both", () => {
    const plan = buildTrainingPlan(planInput([decision("late", "STRONG", { UA: "STRONG" })]));
    expect(shape(plan)).toEqual([
      "late/CS cross_sectional 1 p2",
      "late/UA symbol_specific 1 p3",
      "late/UA ensemble 1 p3",
    ]);
    const [pooled, own] = [job(plan, null), job(plan, "UA")];
    expect(pooled).toMatchObject({ route: "ROUTE_BOTH", depends_on: [], model_families: ["ridge", "trees"] });
    expect(own.depends_on).toEqual([pooled.job_id]);
    const ensemble = job(plan, "UA", { training_type: "ensemble" });
    expect(ensemble).toMatchObject({ model_families: [], depends_on: [pooled.job_id, own.job_id] });
  });

  test("the cross-sectional job serves both kinds of segments and counts as cross-sectional then", () => {
    const plan = buildTrainingPlan(planInput([decision("late", "STRONG", { AA: "DISALLOWED", UA: "STRONG" })]));
    expect(job(plan, null)).toMatchObject({ route: "ROUTE_CROSS_SECTIONAL", is_experiment: false });
    expect(job(plan, null).reason).toMatch(/^Serves 2 of 2 segments; cross-sectional is STRONG: .*\.$/);
  });

  test("PREFER_SYMBOL makes no cross-sectional job if every segment has its own", () => {
    const segments = ["AA", "UA"].map((symbol) =>
      segment({ target: "late", symbol, cs: "STRONG", signal: "STRONG", route: "ROUTE_SYMBOL_SPECIFIC" }),
    );
    const plan = buildTrainingPlan(planInput([{ ...decision("late", "STRONG"), segments }]));
    expect(shape(plan)).toEqual(["late/AA symbol_specific 1 p2", "late/UA symbol_specific 1 p2"]);
  });

  test("a blocked segment has none", () => {
    const plan = buildTrainingPlan(planInput([decision("late", "DISALLOWED", { UA: "DISALLOWED" })]));
    expect(plan.jobs).toEqual([]);
    expect(plan.skipped).toEqual([]);
  });

  test.each([
    ["STRONG", ["t/CS cross_sectional 1 p2"]],
    ["WEAK_BUT_OK", ["t/CS cross_sectional 1 p2"]],
    ["EXPERIMENTAL", ["t/CS cross_sectional 1 p1"]],
    ["DISALLOWED", []],
  ] as const)("a target without segments follows its %s cross-sectional signal", (signal, jobs) => {
    expect(shape(buildTrainingPlan(planInput([decision("t", signal)])))).toEqual(jobs);
  });

  test("an experiment is the segment's own if its own signal justifies it", () => {
    const plan = buildTrainingPlan(planInput([decision("t", "DISALLOWED", { UA: "EXPERIMENTAL" })]));
    expect(shape(plan)).toEqual(["t/UA symbol_specific 1 p1"]);
    expect(job(plan, "UA")).toMatchObject({ is_experiment: true, route: "ROUTE_EXPERIMENTAL_ONLY" });
  });

  test("an experiment of only the cross-sectional view is one pooled job for all its segments", () => {
    const plan = buildTrainingPlan(
      planInput([decision("t", "EXPERIMENTAL", { AA: "DISALLOWED", DL: "EXPERIMENTAL", UA: "DISALLOWED" })]),
    );
    expect(shape(plan)).toEqual(["t/CS cross_sectional 1 p1", "t/DL symbol_specific 1 p1"]);
    expect(job(plan, null)).toMatchObject({ is_experiment: true, route: "ROUTE_EXPERIMENTAL_ONLY" });
  });

  test("a target that the project doesn't describe is skipped", () => {
    const input = planInput([decision("old", "STRONG", { UA: "STRONG" })]);
    const plan = buildTrainingPlan({ ...input, targets: new Map() });
    expect(plan.jobs).toEqual([]);
    expect(plan.skipped).toEqual([
      { target: "old", symbol: null, reason: "signalbox.yaml describes no target of this name" },
    ]);
  });

  test("a job carries only the deciding steps", () => {
    const plan = buildTrainingPlan(planInput([decision("t", "STRONG", { UA: "STRONG" })]));
    expect(job(plan, null).trace.map(({ view }) => view)).toEqual(["cross_sectional"]);
    expect(job(plan, "UA").trace.map(({ view }) => view)).toEqual(["cross_sectional", "symbol", "combination"]);
  });
});

describe("stages", () => {
  const both = planInput([decision("t", "STRONG", { AA: "STRONG", UA: "STRONG" })], [ridge, net]);

  test("a view's second stage depends on its first and starts after all first stages of the target", () => {
    const plan = buildTrainingPlan(both);
    expect(shape(plan)).toEqual([
      "t/CS cross_sectional 1 p2",
      "t/CS cross_sectional 2 p2",
      "t/AA symbol_specific 1 p3",
      "t/AA ensemble 1 p3",
      "t/AA symbol_specific 2 p3",
      "t/UA symbol_specific 1 p3",
      "t/UA ensemble 1 p3",
      "t/UA symbol_specific 2 p3",
    ]);
    const first = [job(plan, null), job(plan, "AA"), job(plan, "UA")].map(({ job_id }) => job_id);
    const second = job(plan, "AA", { stage: 2 });
    expect(second).toMatchObject({ depends_on: [first[1]], starts_after: first, model_families: ["net"] });
    expect(second.resources.device).toBe("gpu");
    expect(job(plan, "AA").starts_after).toEqual([]);
  });

  test("with families of only the second stage there is no first to wait for", () => {
    const plan = buildTrainingPlan(planInput(both.routing, [net]));
    expect(job(plan, null, { stage: 2 })).toMatchObject({ depends_on: [], starts_after: [] });
    const pooled = job(plan, null, { stage: 2 }).job_id;
    expect(job(plan, "UA", { stage: 2 }).depends_on).toEqual([pooled]);
    expect(job(plan, "UA", { training_type: "ensemble" }).depends_on[0]).toBe(pooled);
  });

  test("the file names the first stage once instead of listing it in every job", () => {
    const { jobs } = buildTrainingPlan(both);
    const written = withBarriers(jobs);
    expect(written.filter(({ stage }) => stage === 2).map(({ starts_after }) => starts_after)).toEqual([
      ["stage-1"],
      ["stage-1"],
      ["stage-1"],
    ]);
    expect(withoutBarriers(written)).toEqual(jobs);
    expect(withBarriers(withoutBarriers(structuredClone(written)))).toEqual(written);
  });
});

describe("what can't be trained", () => {
  const routing = [decision("t", "STRONG", { AA: "STRONG", UA: "STRONG" })];

  test("a segment without train or reference rows is skipped with the reason", () => {
    const plan = buildTrainingPlan({
      ...planInput(routing),
      sides: new Map([
        [viewKey("t", "AA"), { train: 100, reference: 0 }],
        [viewKey("t", "UA"), { train: 50, reference: 5 }],
      ]),
    });
    expect(plan.skipped).toEqual([
      { target: "t", symbol: "AA", reason: "reference has no usable row (train 100, reference 0)" },
    ]);
    expect(job(plan, "UA").estimated_samples).toBe(50);
    expect(plan.jobs.some(({ symbol }) => symbol === "AA")).toBe(false);
  });

  test("without a cross-sectional model a segment is trained on its own, without an ensemble", () => {
    const plan = buildTrainingPlan({
      ...planInput([decision("t", "STRONG", { UA: "STRONG" })]),
      sides: new Map([[viewKey("t", null), { train: 0, reference: 0 }]]),
    });
    expect(shape(plan)).toEqual(["t/UA symbol_specific 1 p3"]);
    expect(job(plan, "UA").depends_on).toEqual([]);
    expect(plan.skipped.map(({ symbol, reason }) => [symbol, reason])).toEqual([
      [null, "train and reference have no usable row (train 0, reference 0)"],
      ["UA", "no ensemble: there is no cross-sectional model to combine its own with"],
    ]);
  });

  test("a family that failed everywhere is excluded, and a view without any is skipped", () => {
    const failed = { score: null, fold_scores: [null, null], error: { code: "training/failed", message: "x" } };
    const plan = buildTrainingPlan({
      ...planInput(routing),
      evidence: new Map([
        [viewKey("t", null), viewEvidence([familyEvidence("ridge", failed), familyEvidence("trees")])],
        [viewKey("t", "AA"), viewEvidence([familyEvidence("ridge", failed), familyEvidence("trees", failed)])],
        [viewKey("t", "UA"), viewEvidence([familyEvidence("ridge", { ...failed, fold_scores: [null, 0.5] })])],
      ]),
    });
    expect(job(plan, null).model_families).toEqual(["trees"]);
    expect(job(plan, "UA").model_families).toEqual(["ridge", "trees"]);
    expect(plan.skipped).toEqual([
      {
        target: "t",
        symbol: "AA",
        reason: "every family failed in every fold: ridge (training/failed), trees (training/failed)",
      },
    ]);
  });
});

describe("estimates", () => {
  const routing = [decision("t", "STRONG")];

  test("are based on the slowest family's folds, and say so", () => {
    const plan = buildTrainingPlan({
      ...planInput(routing),
      evidence: new Map([
        [
          viewKey("t", null),
          viewEvidence([
            familyEvidence("ridge", { fit_seconds: [0.1, 0.1, 0.1, 0.1, 0.1] }),
            familyEvidence("trees", { fit_seconds: [3, 4, 5, 4, 4], peak_memory_bytes: 1.3 * 2 ** 30 }),
          ]),
        ],
      ]),
    });
    expect(job(plan, null)).toMatchObject({
      estimated_seconds: 13,
      estimate_basis:
        "5 folds of trees took 4 s each, the slowest of 2 families: 5 s for all rows, and 8 s around the fit",
      resources: { device: "cpu", memory_gib: 1.5, gpu_memory_gib: 0 },
      feature_set_id: "features-1",
    });
    expect(plan.summary.totals).toMatchObject({ estimated_seconds: 13, cpu_hours: 0.0036, gpu_hours: 0 });
  });

  test("are unknown without evidence, and so are their sums", () => {
    const plan = buildTrainingPlan(planInput(routing));
    expect(job(plan, null)).toMatchObject({ estimated_seconds: null, estimate_basis: "no evidence" });
    expect(job(plan, null).resources.memory_gib).toBe(1);
    expect(plan.summary.totals).toMatchObject({ estimated_seconds: null, cpu_hours: null, gpu_hours: 0 });
  });
});

describe("a training plan", () => {
  test("is one plan whatever the order of its inputs, valid, with a hash of inputs, jobs and skipped views", () => {
    const property = fc.property(anyRouting, fc.subarray([ridge, trees, net]), (routing, families) => {
      const turned = routing.map((one) => ({ ...one, segments: [...one.segments].reverse() })).reverse();
      const plan = buildTrainingPlan(planInput(routing, families));
      const other = buildTrainingPlan({
        ...planInput(turned, [...families].reverse()),
        generatedAt: "later",
        gitCommit: null,
      });
      const { generated_at: _, git_commit: __, ...metadata } = plan.metadata;
      expect(other).toEqual({ ...plan, metadata: { ...metadata, generated_at: "later", git_commit: null } });
      expect(trainingPlanSchema.parse(plan)).toEqual(plan);
      const hashed = {
        inputs: planInputsOf(plan.metadata),
        jobs: withBarriers(plan.jobs).map(({ reason, trace, estimate_basis, ...one }) => one),
        skipped: plan.skipped,
      };
      expect(plan.metadata.plan_hash).toBe(sha256(canonicalJson(hashed)));
      const ids = new Set(plan.jobs.map(({ job_id }) => job_id));
      expect(ids.size).toBe(plan.jobs.length);
      for (const { depends_on, starts_after } of plan.jobs)
        for (const id of [...depends_on, ...starts_after]) expect(ids.has(id)).toBe(true);
    });
    fc.assert(property, { seed, numRuns: generatedCases(200) });
  });

  test("is the same plan with other words, and another with other work", () => {
    const routing = decision("t", "STRONG", { UA: "STRONG" });
    const hashOf = (one: typeof routing, families = [ridge]) =>
      buildTrainingPlan(planInput([one], families)).metadata.plan_hash;
    const reworded = { ...routing, crossSectional: { ...routing.crossSectional, reason: "in other words" } };
    expect(hashOf(reworded)).toBe(hashOf(routing));
    expect(hashOf(routing, [ridge, trees])).not.toBe(hashOf(routing));
  });

  test("of a target with thousands of segments and two stages is written without a list of them in each job", () => {
    const segments = Object.fromEntries(Array.from({ length: 3_000 }, (_, at) => [`s${at}`, "STRONG" as const]));
    const plan = buildTrainingPlan(planInput([decision("t", "STRONG", segments)], [ridge, net]));
    expect(plan.jobs).toHaveLength(9_002);
    expect(trainingPlanText(plan).length / plan.jobs.length).toBeLessThan(2_000);
  });
});
