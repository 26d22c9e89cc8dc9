import { isMetricName, metricRegistry } from "../../src-core/contract/evaluation/metrics.ts";
import type { OperationOutput } from "../../src-core/contract/index.ts";
import { counted, formatCount, formatEstimate, formatNumber } from "../numbers.ts";
import { paint, type Screen } from "../screen.ts";
import { table } from "../table.ts";
import { hanging, inner, lines, parts, section, shortRun } from "../text.ts";
import type { Views } from "../view.ts";
import { type TestMetric, whatIsMissing } from "./metrics.ts";

type Metrics = OperationOutput<"evaluation.metrics">;
type Row = Metrics["rows"][number];

export const evaluationViews: Views = { "evaluation.metrics": metrics };

function metrics({ runId, rows, history }: Metrics, screen: Screen): string {
  const title = paint(screen, "bold", `Metrics of run ${shortRun(runId)}`);
  if (history.length > 0) return lines(title, historyTable(history, screen));
  if (rows.length === 0) return lines(title, "Nothing was measured yet.");
  const body = inner(screen);
  const tests = [...new Set(rows.map((row) => named(row).test))];
  return parts(
    title,
    ...tests.map((test) =>
      oneTest(
        test,
        rows.filter((row) => named(row).test === test),
        { screen, body },
      ),
    ),
  );
}

function oneTest(
  test: string,
  rows: readonly Row[],
  { screen, body }: { readonly screen: Screen; readonly body: Screen },
) {
  const measured = rows.filter((row) => row.value !== null);
  const methods = [...new Set(measured.flatMap((row) => row.method ?? []))];
  return section(
    screen,
    `${test === "" ? "Training" : test} (${counted(rows[0]?.n ?? 0, "row")})`,
    lines(
      table(body, measured, [
        { title: "metric", value: (row) => named(row).name },
        { title: "value", value: (row) => formatEstimate(row).value, align: "right" },
        { title: "95 % interval", value: (row) => formatEstimate(row).interval },
        { title: "better", value: (row) => row.direction },
        { title: "unit", value: (row) => row.unit },
      ]),
      methods.length === 0 ? "" : paint(screen, "dim", hanging(body, "", `Intervals: ${methods.join("; ")}.`)),
      whatIsMissing(rows.map(named), body),
    ),
  );
}

/** A row's name is `<test>_<metric>`: the metric is the longest registered one that ends it. */
function named(row: Row): TestMetric {
  const names = Object.keys(metricRegistry).sort((a, b) => b.length - a.length);
  const name = names.find((it) => row.metric.endsWith(`_${it}`) && isMetricName(it));
  return name === undefined
    ? { ...row, test: "", name: row.metric }
    : { ...row, test: row.metric.slice(0, -name.length - 1), name };
}

/** The last value of each series, and where it began. */
function historyTable(history: Metrics["history"], screen: Screen): string {
  const names = [...new Set(history.map((it) => it.metric))];
  const series = names.map((name) => ({ name, points: history.filter((it) => it.metric === name) }));
  return table(screen, series, [
    { title: "metric", value: (it) => it.name, shrink: 1, least: 20 },
    { title: "steps", value: (it) => formatCount(it.points.length), align: "right" },
    { title: "first", value: (it) => formatNumber(it.points[0]?.value ?? Number.NaN), align: "right" },
    { title: "last", value: (it) => formatNumber(it.points.at(-1)?.value ?? Number.NaN), align: "right" },
    { title: "least", value: (it) => formatNumber(Math.min(...it.points.map((point) => point.value))), align: "right" },
    { title: "most", value: (it) => formatNumber(Math.max(...it.points.map((point) => point.value))), align: "right" },
  ]);
}
