import { counted } from "../../../../src-view/numbers.ts";
import type { EvaluateResult } from "../../../contract/runs/stage-results.ts";
import type { StageRecord } from "./stage-record.ts";

/** Flattens an evaluation to MLflow metrics: `reference_rmse`, `long_haul_mae`; intervals as `…_low` and `…_high`. */
function metricsOf(evaluation: EvaluateResult): Readonly<Record<string, number>> {
  const metrics: Record<string, number> = {};
  for (const set of evaluation.sets) {
    for (const [name, measured] of Object.entries(set.metrics)) {
      if (measured.value === null) continue;
      metrics[`${set.name}_${name}`] = measured.value;
      if (measured.low !== null) metrics[`${set.name}_${name}_low`] = measured.low;
      if (measured.high !== null) metrics[`${set.name}_${name}_high`] = measured.high;
    }
  }
  return metrics;
}

export const evaluateRecord: StageRecord<"evaluate"> = {
  name: "evaluate",
  work: "the model is scored on every test",
  describe: ({ sets }) =>
    `${counted(sets.length, "test")}, ${counted(
      sets.reduce((sum, set) => sum + set.data.rows, 0),
      "row",
    )} scored`,
  publish: () => ({}),
  metrics: metricsOf,
  ownsParam: () => false,
  isPublished: ({ metrics }) => Object.keys(metrics).some((key) => key.startsWith("reference_")),
};
