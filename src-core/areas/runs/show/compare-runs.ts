import { kindsOfRun, versionKeyOf } from "../../../contract/configs/config-kinds.ts";
import type { CatalogueReader } from "../../../foundation/catalogue/open.ts";
import { lastMetrics, type RunRow } from "../store.ts";

/** A line of a comparison. */
export interface ComparedRow {
  readonly kind: "version" | "parameter" | "metric" | "outcome";
  readonly key: string;
  readonly values: (string | null)[];
  /** Of a metric with intervals: the bounds of each value. */
  readonly bounds?: ({ readonly low: string; readonly high: string } | null)[];
  readonly isEqual: boolean;
}

/** Compares runs; without `all` only the differences. Values are strings as in MLflow; null if the run has none. */
export function compareRuns(reader: CatalogueReader, runs: readonly RunRow[], all: boolean): ComparedRow[] {
  const metrics = runs.map((run) => lastMetrics(reader, run.runId));
  const row = (kind: ComparedRow["kind"], key: string, values: (string | null)[]): ComparedRow => ({
    kind,
    key,
    values,
    isEqual: new Set(values).size === 1,
  });
  const keysOf = (records: readonly Readonly<Record<string, unknown>>[]) =>
    [...new Set(records.flatMap((it) => Object.keys(it)))].sort();
  const versionKeys: ReadonlySet<string> = new Set(kindsOfRun.map(versionKeyOf));
  const params = runs.map((run) => run.params);
  const rows = [
    row(
      "outcome",
      "status",
      runs.map((run) => run.status),
    ),
    row(
      "outcome",
      "verdict",
      runs.map((run) => run.verdict),
    ),
    ...[...versionKeys].map((key) =>
      row(
        "version",
        key,
        params.map((it) => it[key] ?? null),
      ),
    ),
    ...keysOf(params)
      .filter((key) => !versionKeys.has(key))
      .map((key) =>
        row(
          "parameter",
          key,
          params.map((it) => it[key] ?? null),
        ),
      ),
    ...keysOf(metrics)
      .filter((key, _, keys) => !isBound(key, keys))
      .map((key) => metricRow(key, metrics)),
  ];
  return all ? rows : rows.filter((it) => !it.isEqual);
}

type Metrics = Readonly<Record<string, number>>;

/** MLflow has a metric's interval as two metrics of their own, `<metric>_low` and `<metric>_high`. */
function isBound(key: string, keys: readonly string[]): boolean {
  const metric = /^(.+)_(low|high)$/.exec(key)?.[1];
  return metric !== undefined && keys.includes(metric);
}

function metricRow(key: string, metrics: readonly Metrics[]): ComparedRow {
  const values = metrics.map((it) => (it[key] === undefined ? null : String(it[key])));
  const bounds = metrics.map((it) => {
    const [low, high] = [it[`${key}_low`], it[`${key}_high`]];
    return low === undefined || high === undefined ? null : { low: String(low), high: String(high) };
  });
  const isEqual = new Set(values.map((value, at) => JSON.stringify([value, bounds[at]]))).size === 1;
  return { kind: "metric", key, values, ...(bounds.some((it) => it !== null) ? { bounds } : {}), isEqual };
}
