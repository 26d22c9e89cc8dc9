import type { TestMetric } from "../../src-core/contract/runs.ts";
import { counted, formatCount, formatEstimate } from "../numbers.ts";
import type { Block } from "../section.ts";
import { note, table } from "../shape.ts";

type Blocks = readonly (Block | undefined)[];

/** Shapes the metrics of a test with their intervals, followed by the method and by what could not be measured. */
export function metricTable(metrics: readonly TestMetric[]): Blocks {
  const measured = metrics.filter((it) => it.value !== null);
  const methods = [...new Set(measured.flatMap((it) => it.method ?? []))];
  const [only] = methods;
  const isOneMethod = methods.length <= 1;
  const counts = new Set(measured.map((it) => it.n));
  return [
    table(measured, [
      { title: "metric", value: (it) => it.name },
      { title: "value", value: (it) => formatEstimate(it).value, align: "right" },
      { title: "95 % interval", value: (it) => formatEstimate(it).interval },
      ...(counts.size > 1
        ? [{ title: "n", value: (it: TestMetric) => formatCount(it.n), align: "right" as const }]
        : []),
      ...(isOneMethod ? [] : [{ title: "interval by", value: (it: TestMetric) => it.method, shrink: 1, least: 30 }]),
    ]),
    isOneMethod && only !== undefined ? note(`Intervals: ${only}${nOf(counts)}.`) : undefined,
    ...whatIsMissing(metrics),
  ];
}

function nOf(counts: ReadonlySet<number>): string {
  const [n] = counts;
  return counts.size === 1 && n !== undefined ? `; n = ${formatCount(n)}` : "";
}

/**
 * Explains the empty cells and what to know of the others, each reason once: "Not measured: rmsle, mape (a target is 0).", "No interval:
 * f1 (…)." and "Note: accuracy (3 rows of a class that training never met (x) count as errors)."
 */
export function whatIsMissing(metrics: readonly TestMetric[]): Blocks {
  const figures = metrics.filter(({ value }) => value === null);
  const intervals = metrics.filter(({ whyNoInterval }) => whyNoInterval !== null);
  const noted = metrics.filter(({ value, note }) => value !== null && note !== null);
  return [
    missing("Not measured", figures, (it) => it.note),
    missing("No interval", intervals, (it) => it.whyNoInterval),
    missing("Note", noted, (it) => it.note),
  ];
}

function missing(
  what: string,
  metrics: readonly TestMetric[],
  reasonOf: (metric: TestMetric) => string | null,
): Block | undefined {
  const byReason = new Map<string, Set<string>>();
  for (const metric of metrics) {
    const reason = reasonOf(metric) ?? "no reason given";
    byReason.set(reason, (byReason.get(reason) ?? new Set()).add(metric.name));
  }
  if (byReason.size === 0) return undefined;
  return note(`${what}: ${[...byReason].map(([reason, names]) => `${[...names].join(", ")} (${reason})`).join("; ")}.`);
}

/** Shapes tests as rows and metrics as columns. The intervals are in `metrics show`. */
export function metricMatrix(metrics: readonly TestMetric[]): Blocks {
  const tests = [...new Set(metrics.map((it) => it.test))];
  const names = [...new Set(metrics.filter((it) => it.value !== null).map((it) => it.name))];
  const cell = (test: string, name: string): string => {
    const found = metrics.find((it) => it.test === test && it.name === name);
    return found === undefined || found.value === null ? "–" : formatEstimate(found).value;
  };
  const rowsOf = (test: string) => metrics.find((it) => it.test === test)?.n ?? 0;
  const matrix: Block = {
    kind: "matrix",
    heads: [
      { title: "test", shrink: 1, least: 16 },
      { title: "n", align: "right" },
    ],
    columns: names,
    rows: tests.map((test) => ({
      cells: [test, formatCount(rowsOf(test)), ...names.map((name) => cell(test, name))].map((value) => ({ value })),
    })),
  };
  return [names.length === 0 ? undefined : matrix, ...whatIsMissing(metrics)];
}

export function testTitle(test: string, n: number): string {
  return `${test === "reference" ? "Reference test" : test} (${counted(n, "row")})`;
}
