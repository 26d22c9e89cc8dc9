import { kindsOfRun, versionKeyOf } from "../../../contract/configs/config-kinds.ts";
import type { CatalogueReader } from "../../../foundation/catalogue/open.ts";
import { lastMetrics, type RunRow } from "../store.ts";

export interface ComparedRow {
  readonly kind: "version" | "parameter" | "metric" | "outcome";
  readonly key: string;
  readonly values: (string | null)[];
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
    ...keysOf(metrics).map((key) =>
      row(
        "metric",
        key,
        metrics.map((it) => (it[key] === undefined ? null : String(it[key]))),
      ),
    ),
  ];
  return all ? rows : rows.filter((it) => !it.isEqual);
}
