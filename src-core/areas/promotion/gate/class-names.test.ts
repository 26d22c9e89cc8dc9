import { expect, test } from "vitest";
import { promotionConfigSchema } from "../../../contract/configs/promotion-config.ts";
import type { GateResult } from "../../../contract/runs/stage-results.ts";
import { evaluateGate } from "./gate.ts";
import { joinByKey, type KeyedRows } from "./gate-evidence.ts";

const keys = Array.from({ length: 300 }, (_, i) => `k${i}`);

/** Asks the gate about a model that gives every class the same probability. */
function ask(classNames: readonly string[], classOf: (row: number) => number, metric: string): Promise<GateResult> {
  const task = classNames.length === 2 ? "binary" : "multiclass";
  const classCount = classNames.length;
  const width = task === "binary" ? 1 : classCount;
  const rows: KeyedRows = {
    keys,
    target: Float64Array.from(keys, (_, i) => classOf(i)),
    prediction: new Float64Array(keys.length * width).fill(1 / classCount),
  };
  const reference = joinByKey({ task, classCount, classNames, candidate: rows, production: null });
  const config = promotionConfigSchema.parse({
    version: 1,
    primary: { metric: "reference_log_loss", goal: "superiority" },
    gates: [{ metric, threshold: 0.1 }],
  });
  const evidence = { hasProduction: false, sets: { reference }, figures: {}, validity: [] };
  return evaluateGate({ config, task, testNames: [], clusterBy: [], evidence });
}

test("the gate says which class its figures are about, only where there are two", async () => {
  const two = await ask(["nein", "ja"], (i) => i % 2, "reference_f1");
  expect(two.positiveClass).toBe("ja");
  const three = await ask(["a", "b", "c"], (i) => i % 3, "reference_f1");
  expect(three.positiveClass).toBeUndefined();
});
