import type { OperationOutput } from "../../src-core/contract/index.ts";
import { formatEstimate, formatNumber } from "../numbers.ts";
import { paint, type Screen } from "../screen.ts";
import { table } from "../table.ts";
import { inner, lines, parts, section } from "../text.ts";

type Comparison = OperationOutput<"runs.compare">;
type Row = Comparison["rows"][number];

const titles: Readonly<Record<Row["kind"], string>> = {
  outcome: "Outcome",
  version: "Versions",
  metric: "Metrics",
  parameter: "Parameters",
};

/** A column per run; long digests are shortened where their beginnings tell them apart. */
export function runComparison({ runs, rows: all }: Comparison, screen: Screen): string {
  const rows = withIntervals(all);
  if (rows.length === 0) return `${runs.join(", ")}: equal in versions, parameters, metrics and outcome.`;
  const body = inner(screen);
  const equal = rows.filter((row) => row.isEqual).length;
  return parts(
    lines(
      paint(screen, "bold", `Runs ${runs.join(", ")}`),
      `${rows.length - equal} differ${equal > 0 ? `, ${equal} are equal` : "; --all shows what is equal, too"}`,
    ),
    ...(Object.keys(titles) as Row["kind"][]).map((kind) =>
      section(
        screen,
        titles[kind],
        group(
          runs,
          rows.filter((row) => row.kind === kind),
          body,
        ),
      ),
    ),
  );
}

/** A metric's bounds are metrics, too (`…_low`, `…_high`): they join its row as an interval. */
function withIntervals(rows: readonly Row[]): readonly Row[] {
  const metrics = new Map(rows.filter((row) => row.kind === "metric").map((row) => [row.key, row]));
  const ownerOf = (key: string) => metrics.get(key.replace(/_(low|high)$/, ""));
  return rows
    .filter((row) => row.kind !== "metric" || ownerOf(row.key) === row || ownerOf(row.key) === undefined)
    .map((row) => {
      const low = row.kind === "metric" ? metrics.get(`${row.key}_low`) : undefined;
      const high = row.kind === "metric" ? metrics.get(`${row.key}_high`) : undefined;
      return low === undefined || high === undefined
        ? row
        : { ...row, values: row.values.map((value, at) => estimate(value, low.values[at], high.values[at])) };
    });
}

function estimate(
  value: string | null,
  low: string | null | undefined,
  high: string | null | undefined,
): string | null {
  if (value === null) return null;
  const number = (text: string | null | undefined) => (text === null || text === undefined ? null : Number(text));
  const text = formatEstimate({ value: Number(value), low: number(low), high: number(high) });
  return `${text.value} ${text.interval}`.trimEnd();
}

function group(runs: readonly string[], rows: readonly Row[], screen: Screen): string {
  const share = Math.max(10, Math.floor((screen.width - 26) / runs.length) - 2);
  return table(screen, rows, [
    { title: "", value: (row) => row.key, shrink: 1, least: 20 },
    ...runs.map((run, at) => ({
      title: run.split(" ")[0] ?? run,
      value: (row: Row) => shown(row.values[at] ?? null, share),
      align: "right" as const,
      shrink: 2,
      least: share,
      style: (row: Row) => (row.isEqual ? ("dim" as const) : undefined),
    })),
  ]);
}

function shown(value: string | null, share: number): string {
  if (value === null) return "–";
  // Where columns are too narrow for intervals, the figures stay.
  if (/ \[.*\]$/.test(value) && value.length > share) return value.slice(0, value.indexOf(" ["));
  if (/^[0-9a-f]{32,}$/.test(value)) return value.slice(0, Math.min(12, share));
  return /^-?\d+\.\d{5,}(e-?\d+)?$/.test(value) ? formatNumber(Number(value)) : value;
}
