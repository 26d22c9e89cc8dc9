import { describe, expect, it } from "vitest";
import type { Task } from "../../../contract/configs/project-config.ts";
import { promotionConfigSchema } from "../../../contract/configs/promotion-config.ts";
import type { GateResult } from "../../../contract/runs/stage-results.ts";
import { evaluateGate } from "./gate.ts";
import { joinByKey, type KeyedRows } from "./gate-evidence.ts";

const keys = (n: number) => Array.from({ length: n }, (_, i) => `k${i}`);

/** 300 rows of the classes 0 and 1, then 12 of class 2; `share` of the known ones are predicted well. */
function rowsOf(task: Task, share: number, knowsAll = false): KeyedRows {
  const target = Float64Array.from(keys(312), (_, i) => (i < 300 ? i % 2 : 2));
  const prediction = [...target].flatMap((k, i) => {
    const isRight = (i * 7) % 100 < share * 100;
    if (task === "binary") return [(k === 1) === isRight ? 0.9 : 0.1];
    if (k === 2) return knowsAll && isRight ? [0.1, 0.1, 0.8] : [0.6, 0.4, 0];
    return (k === 0) === isRight ? [0.8, 0.2, 0] : [0.2, 0.8, 0];
  });
  return {
    keys: keys(312),
    target,
    prediction: Float64Array.from(prediction),
    unknownClasses: knowsAll ? [] : [2],
  };
}

function ask(task: Task, metric: string, sides: { candidate: KeyedRows; production: KeyedRows | null }) {
  const joined = joinByKey({ task, classCount: 3, classNames: ["a", "b", "new"], ...sides });
  const evidence = {
    hasProduction: sides.production !== null,
    sets: { reference: joined },
    ...{ figures: {}, validity: [] },
  };
  const config = promotionConfigSchema.parse({
    version: 1,
    primary: { metric: `reference_${metric}`, goal: "superiority" },
    replicates: 999,
  });
  return evaluateGate({ config, task, testNames: [], clusterBy: [], evidence });
}

const noteOf = (result: GateResult, metric: string) => result.rows.find((row) => row.metric === metric)?.note;

describe("a reference with a class that training never met", () => {
  const metrics: readonly (readonly [Task, string])[] = [
    ...["log_loss", "accuracy", "brier", "f1", "roc_auc", "pr_auc"].map((name) => ["multiclass", name] as const),
    ...["log_loss", "accuracy", "brier", "f1", "roc_auc", "pr_auc", "calibration_error"].map(
      (name) => ["binary", name] as const,
    ),
  ];

  it.each(metrics)("is decided on, its rows being errors that the gate names: %s %s", async (task, metric) => {
    const sides = { candidate: rowsOf(task, 0.9), production: rowsOf(task, 0.6) };
    const result = await ask(task, metric, sides);
    expect(result.verdict).toBe("PROMOTE");
    const told = "12 rows of a class that training never met (new) count as";
    expect(noteOf(result, "reference rows")).toContain(`candidate: ${told} errors; production: ${told} errors`);
    expect(noteOf(result, `reference_${metric}`)).toContain(told);
    const first = await ask(task, metric, { ...sides, production: null });
    expect(first.verdict).toBe("PROMOTE");
    expect(noteOf(first, `reference_${metric}`)).toMatch(/^first model: .*; 12 rows of a class/);
  });

  it("is won by the model that knows the class", async () => {
    const result = await ask("multiclass", "f1", {
      candidate: rowsOf("multiclass", 0.9, true),
      production: rowsOf("multiclass", 0.9),
    });
    expect(result.verdict).toBe("PROMOTE");
    expect(noteOf(result, "reference_f1")).toBe(
      "production: 12 rows of a class that training never met (new) count as errors",
    );
  });
});
