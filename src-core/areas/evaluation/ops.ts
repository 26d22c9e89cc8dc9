import { isMetricName, metricRegistry } from "../../contract/evaluation/metrics.ts";
import type { evaluationOperations } from "../../contract/evaluation.ts";
import type { Implementations } from "../../contract/operation.ts";
import { findRun } from "../runs/record/find-run.ts";
import { testMetrics } from "../runs/show/test-metrics.ts";
import { metricHistory } from "../runs/store.ts";
import type { EvaluationCore } from "./needs.ts";

export function evaluationOps(core: EvaluationCore): Implementations<typeof evaluationOperations> {
  return {
    "evaluation.metrics": async (input) => {
      const run = findRun(core.catalogue(), input.run);
      const { evaluate } = core.runs.results(run.runId);
      const rows = (evaluate?.sets ?? [])
        .filter((set) => input.test === undefined || set.name === input.test)
        .flatMap((set) =>
          testMetrics(set).map((row) => {
            const definition = isMetricName(row.name) ? metricRegistry[row.name] : undefined;
            return { ...row, direction: definition?.direction ?? null, unit: definition?.unit ?? null };
          }),
        );
      const history = input.history ? metricHistory(core.catalogue(), run.runId) : [];
      return { runId: run.runId, rows, history };
    },
  };
}
