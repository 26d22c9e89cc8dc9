import { describe, expect, test } from "vitest";
import { decision, planInput, ridge, someInputs, trees, view } from "../testing/plan-samples.ts";
import { diffPlans } from "./plan-diff.ts";
import { refuseStale, staleInputs } from "./plan-stale.ts";
import { buildTrainingPlan } from "./training-plan.ts";

describe("what changed since a plan was made", () => {
  test("is empty for the same inputs", () => {
    expect(staleInputs(someInputs, { ...someInputs })).toEqual([]);
    expect(() => refuseStale(someInputs, someInputs)).not.toThrow();
  });

  test("is named, each input in words", () => {
    const now = { ...someInputs, config_hash: "1".repeat(64), split_hash: "2".repeat(32), dataset_hash: null };
    expect(() => refuseStale(someInputs, now)).toThrow(
      expect.objectContaining({
        code: "routing/plan-stale",
        message:
          "The training plan was made from other inputs. the policy (configs/routing.yaml): dddddddddddd then, 111111111111 now; the dataset: no longer exists; the split: made after the plan.",
        next: [expect.objectContaining({ operation: "routing.planBuild" })],
      }),
    );
  });
});

describe("the difference of two plans", () => {
  const before = buildTrainingPlan(planInput([decision("late", "STRONG", { AA: "STRONG", UA: "DISALLOWED" })]));

  test("is empty for two of the same inputs, whenever they were made", () => {
    const later = buildTrainingPlan({
      ...planInput([decision("late", "STRONG", { AA: "STRONG", UA: "DISALLOWED" })]),
      generatedAt: "later",
    });
    expect(diffPlans(before, later)).toEqual({ isEqual: true, inputs: [], added: [], removed: [], changed: [] });
  });

  test("names the added and removed jobs, and the rule that decided", () => {
    const after = buildTrainingPlan(planInput([decision("late", "STRONG", { AA: "DISALLOWED", UA: "STRONG" })]));
    const { added, removed } = diffPlans(before, after);
    expect(added.map(({ symbol, training_type }) => [symbol, training_type])).toEqual([
      ["UA", "symbol_specific"],
      ["UA", "ensemble"],
    ]);
    expect(removed.map(({ symbol }) => symbol)).toEqual(["AA", "AA"]);
    expect(added[0]?.why).toEqual([
      "symbol: now STRONG by `strong` (value 0.61, symbol.classification.strong_score 0.6)",
      "combination: now ROUTE_BOTH by `table` (value STRONG × STRONG, both_strong_behavior ROUTE_BOTH)",
    ]);
    expect(removed[0]?.why[0]).toMatch(/^symbol: was STRONG/);
  });

  test("names a changed threshold and value, field by field", () => {
    const weaker = view("late", null, "STRONG");
    const after = buildTrainingPlan(
      planInput(
        [
          {
            ...decision("late", "STRONG", { AA: "STRONG", UA: "DISALLOWED" }),
            crossSectional: { ...weaker, step: { ...weaker.step, threshold: 0.55, value: 0.58 } },
          },
        ],
        [ridge, { ...trees, name: "forest" }],
      ),
    );
    const { changed, added, removed } = diffPlans(before, after);
    expect([added, removed]).toEqual([[], []]);
    const pooled = changed.find(({ symbol }) => symbol === null);
    expect(pooled?.fields).toEqual([
      { field: "model_families", before: ["ridge", "trees"], after: ["forest", "ridge"] },
    ]);
    expect(pooled?.why).toEqual([
      "symbol.classification.strong_score: 0.6 → 0.55",
      "cross-sectional value (candidates:late/CS#score): 0.61 → 0.58",
    ]);
  });

  test("falls back on the inputs if no trace explains it", () => {
    const input = planInput([decision("late", "STRONG", { AA: "STRONG", UA: "DISALLOWED" })], [ridge]);
    const after = buildTrainingPlan({ ...input, inputs: { ...someInputs, project_hash: "9".repeat(64) } });
    const { changed, inputs, isEqual } = diffPlans(before, after);
    expect(isEqual).toBe(false);
    expect(inputs).toEqual([
      "targets, segments, families or selection in signalbox.yaml: 000000000000 then, 999999999999 now",
    ]);
    expect(changed[0]?.why).toEqual(inputs);
  });
});
