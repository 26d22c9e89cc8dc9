import type { OperationOutput } from "../../src-core/contract/index.ts";
import { shortRun } from "../names.ts";
import { counted, formatCount, formatEstimate, formatNumber } from "../numbers.ts";
import type { Block, Section } from "../section.ts";
import { line, note, part, report, section, table, toned } from "../shape.ts";
import { whatIsMissing } from "./metrics.ts";

type Metrics = OperationOutput<"evaluation.metrics">;
type Row = Metrics["rows"][number];

/** Shapes the metrics of a run, test by test, or the training metrics by step. */
export function testMetrics({ runId, rows, history }: Metrics): readonly Section[] {
  const title = line(toned(`Metrics of run ${shortRun(runId)}`, "strong"));
  if (history.length > 0) return report(part(title, historyTable(history)));
  if (rows.length === 0) return report(part(title, line("There are no metrics yet.")));
  const tests = [...new Set(rows.map((row) => row.test))];
  return report(
    part(title),
    ...tests.map((test) =>
      oneTest(
        test,
        rows.filter((row) => row.test === test),
      ),
    ),
  );
}

function oneTest(test: string, rows: readonly Row[]): Section | undefined {
  const measured = rows.filter((row) => row.value !== null);
  const methods = [...new Set(measured.flatMap((row) => row.method ?? []))];
  return section(
    `${test === "" ? "Training" : test} (${counted(rows[0]?.n ?? 0, "row")})`,
    table(measured, [
      { title: "metric", value: (row) => row.name },
      { title: "value", value: (row) => formatEstimate(row).value, align: "right" },
      { title: "95 % interval", value: (row) => formatEstimate(row).interval },
      { title: "better", value: (row) => row.direction },
      { title: "unit", value: (row) => row.unit },
    ]),
    methods.length === 0 ? undefined : note(`Intervals: ${methods.join("; ")}.`),
    ...whatIsMissing(rows),
  );
}

/** Shapes the first and last value of each series, and its range. */
function historyTable(history: Metrics["history"]): Block | undefined {
  const names = [...new Set(history.map((it) => it.metric))];
  const series = names.map((name) => ({ name, points: history.filter((it) => it.metric === name) }));
  return table(series, [
    { title: "metric", value: (it) => it.name, shrink: 1, least: 20 },
    { title: "steps", value: (it) => formatCount(it.points.length), align: "right" },
    { title: "first", value: (it) => formatNumber(it.points[0]?.value ?? Number.NaN), align: "right" },
    { title: "last", value: (it) => formatNumber(it.points.at(-1)?.value ?? Number.NaN), align: "right" },
    { title: "min", value: (it) => formatNumber(Math.min(...it.points.map((point) => point.value))), align: "right" },
    { title: "max", value: (it) => formatNumber(Math.max(...it.points.map((point) => point.value))), align: "right" },
  ]);
}
