import { isMetricName, metricRegistry } from "../../contract/evaluation/metrics.ts";
import type { evaluationOperations } from "../../contract/evaluation.ts";
import type { Implementations } from "../../contract/operation.ts";
import type { Core } from "../../foundation/context.ts";
import { findRun } from "../runs/record/find-run.ts";

export function evaluationOps(core: Core): Implementations<typeof evaluationOperations> {
  return {
    "evaluation.metrics": async (input) => {
      const run = findRun(core.catalogue(), input.run);
      const { evaluate } = core.runResults(run.runId);
      const rows = (evaluate?.sets ?? [])
        .filter((set) => input.test === undefined || set.name === input.test)
        .flatMap((set) =>
          Object.entries(set.metrics).map(([name, it]) => {
            const definition = isMetricName(name) ? metricRegistry[name] : undefined;
            return {
              metric: `${set.name}_${name}`,
              value: it.value,
              low: it.low,
              high: it.high,
              n: it.n,
              direction: definition?.direction ?? null,
              unit: definition?.unit ?? null,
              method: it.method,
              note: it.note,
            };
          }),
        );
      const history = input.history
        ? core
            .catalogue()
            .all("SELECT key, step, value FROM run_metrics WHERE run_id = ? ORDER BY key, step", run.runId)
            .map((row) => ({ metric: String(row.key), step: Number(row.step), value: Number(row.value) }))
        : [];
      return { runId: run.runId, rows, history };
    },
  };
}
