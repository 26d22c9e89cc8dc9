import type { OperationOutput } from "../../src-core/contract/index.ts";
import { formatEstimate, formatNumber } from "../numbers.ts";

type Comparison = OperationOutput<"runs.compare">;
type Row = Comparison["rows"][number];

const titles: Readonly<Record<Row["kind"], string>> = {
  outcome: "Outcome",
  version: "Versions",
  metric: "Metrics",
  parameter: "Parameters",
};

export interface ComparedRuns {
  readonly title: string;
  readonly summary: string;
  /** Titles of the columns, one per run. */
  readonly runs: readonly string[];
  readonly groups: readonly { readonly title: string; readonly rows: readonly Row[] }[];
}

/** Compares runs, with the rows grouped by kind. Undefined if everything is equal. */
export function comparedRuns({ runs, rows: all }: Comparison): ComparedRuns | undefined {
  const rows = withIntervals(all);
  if (rows.length === 0) return undefined;
  const equal = rows.filter((row) => row.isEqual).length;
  return {
    title: `Runs ${runs.join(", ")}`,
    summary: `${rows.length - equal} differ${equal > 0 ? `, ${equal} are equal` : "; --all also shows what is equal"}`,
    runs: runs.map((run) => run.split(" ")[0] ?? run),
    groups: (Object.keys(titles) as Row["kind"][]).map((kind) => ({
      title: titles[kind],
      rows: rows.filter((row) => row.kind === kind),
    })),
  };
}

export function allEqual({ runs }: Comparison): string {
  return `${runs.join(", ")}: equal in versions, parameters, metrics and outcome.`;
}

/** Shows the interval of a metric beside its value. */
function withIntervals(rows: readonly Row[]): readonly Row[] {
  return rows.map((row) => {
    const { bounds } = row;
    if (bounds === undefined) return row;
    return { ...row, values: row.values.map((value, at) => estimate(value, bounds[at]?.low, bounds[at]?.high)) };
  });
}

function estimate(value: string | null, low: string | undefined, high: string | undefined): string | null {
  if (value === null) return null;
  const number = (text: string | undefined) => (text === undefined ? null : Number(text));
  const text = formatEstimate({ value: Number(value), low: number(low), high: number(high) });
  return `${text.value} ${text.interval}`.trimEnd();
}

/** Fits a value to a column of `width` characters. Digests are shortened if their beginnings differ. */
export function shownValue(value: string | null, width: number): string {
  if (value === null) return "–";
  // If the columns are too narrow for intervals, only the values are shown.
  if (/ \[.*\]$/.test(value) && value.length > width) return value.slice(0, value.indexOf(" ["));
  if (/^[0-9a-f]{32,}$/.test(value)) return value.slice(0, Math.min(12, width));
  return /^-?\d+\.\d{5,}(e-?\d+)?$/.test(value) ? formatNumber(Number(value)) : value;
}
