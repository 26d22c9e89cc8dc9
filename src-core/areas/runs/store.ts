import { byKind, kindsOfRun, type Versions, versionKeyOf } from "../../contract/configs/config-kinds.ts";
import type { EncodedError } from "../../contract/errors.ts";
import type { StageName } from "../../contract/runs/stage-results.ts";
import type { RunStatus } from "../../contract/runs.ts";
import { noteChange } from "../../foundation/catalogue/changes.ts";
import type { Catalogue, CatalogueReader, CatalogueWriter, Row } from "../../foundation/catalogue/open.ts";

/** The tables runs, stages and run_metrics: an index over the run folders and MLflow. */

export interface RunRow {
  readonly runId: string;
  readonly number: number;
  readonly name: string;
  readonly experiment: string;
  readonly status: RunStatus;
  readonly isResumable: boolean;
  readonly fingerprint: string;
  readonly versions: Versions;
  readonly stage: string | null;
  readonly verdict: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly error: EncodedError | null;
  readonly params: Readonly<Record<string, string>>;
}

export type StageState = "running" | "finished" | "failed" | "cancelled";

export interface StageRow {
  readonly stage: StageName;
  readonly state: StageState;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly error: EncodedError | null;
}

/** The column of each configuration's version. */
const versionColumns = kindsOfRun.map(versionKeyOf);

function runOf(row: Row): RunRow {
  return {
    runId: String(row.run_id),
    number: Number(row.run_number),
    name: String(row.name),
    experiment: String(row.experiment),
    status: row.status as RunStatus,
    isResumable: row.is_resumable === 1,
    fingerprint: String(row.fingerprint),
    versions: byKind(versionKeyOf, (kind) => Number(row[versionKeyOf(kind)])),
    stage: row.stage === null ? null : String(row.stage),
    verdict: row.verdict === null ? null : String(row.verdict),
    startedAt: Number(row.started_at),
    endedAt: row.ended_at === null ? null : Number(row.ended_at),
    error: row.error_json === null ? null : (JSON.parse(String(row.error_json)) as EncodedError),
    params: JSON.parse(String(row.params_json)) as Record<string, string>,
  };
}

/** A run's own row, its stages and its metrics are one subject. */
function noteRun(writer: CatalogueWriter, runId: string): void {
  noteChange(writer, "runs", [runId]);
}

/** Inserts or updates a run. A new run gets the next free number. */
export function putRun(writer: CatalogueWriter, run: Omit<RunRow, "number"> & { readonly number?: number }): number {
  const known = writer.get("SELECT run_number FROM runs WHERE run_id = ?", run.runId);
  const next = () => Number(writer.get("SELECT COALESCE(MAX(run_number), 0) + 1 AS next FROM runs")?.next);
  const number = known === undefined ? (run.number ?? next()) : Number(known.run_number);
  writer.run(
    `INSERT INTO runs (run_id, run_number, name, experiment, status, is_resumable, fingerprint, ${versionColumns.join(", ")},
       stage, verdict, started_at, ended_at, error_json, params_json)
     VALUES (?, ?, ?, ?, ?, ?, ?, ${versionColumns.map(() => "?").join(", ")}, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (run_id) DO UPDATE SET status = excluded.status, is_resumable = excluded.is_resumable, stage = excluded.stage,
       verdict = excluded.verdict, ended_at = excluded.ended_at, error_json = excluded.error_json, params_json = excluded.params_json`,
    run.runId,
    number,
    run.name,
    run.experiment,
    run.status,
    run.isResumable ? 1 : 0,
    run.fingerprint,
    ...versionColumns.map((key) => run.versions[key]),
    run.stage,
    run.verdict,
    run.startedAt,
    run.endedAt,
    run.error === null ? null : JSON.stringify(run.error),
    JSON.stringify(run.params),
  );
  noteRun(writer, run.runId);
  return number;
}

export interface RunOutcome {
  readonly status: RunStatus;
  readonly isResumable: boolean;
  readonly endedAt: number | null;
  readonly error: EncodedError | null;
}

export function setOutcome(writer: CatalogueWriter, runId: string, outcome: RunOutcome): void {
  writer.run(
    "UPDATE runs SET status = ?, is_resumable = ?, ended_at = ?, error_json = ? WHERE run_id = ?",
    outcome.status,
    outcome.isResumable ? 1 : 0,
    outcome.endedAt,
    outcome.error === null ? null : JSON.stringify(outcome.error),
    runId,
  );
  noteRun(writer, runId);
}

/** Returns when the last executed stage of a run ended; null if none was executed. */
export function lastEnd(reader: CatalogueReader, runId: string): number | null {
  const last = reader.get("SELECT max(ended_at) AS last FROM stages WHERE run_id = ?", runId)?.last;
  return last === null || last === undefined ? null : Number(last);
}

export function setStage(
  writer: CatalogueWriter,
  runId: string,
  row: Omit<StageRow, "error"> & { readonly error?: EncodedError | null; readonly verdict?: string },
): void {
  writer.run(
    `INSERT INTO stages (run_id, stage, state, started_at, ended_at, error_json) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (run_id, stage) DO UPDATE SET state = excluded.state, started_at = excluded.started_at, ended_at = excluded.ended_at, error_json = excluded.error_json`,
    runId,
    row.stage,
    row.state,
    row.startedAt,
    row.endedAt,
    row.error ? JSON.stringify(row.error) : null,
  );
  writer.run(
    "UPDATE runs SET stage = ?, verdict = COALESCE(?, verdict) WHERE run_id = ?",
    row.stage,
    row.verdict ?? null,
    runId,
  );
  noteRun(writer, runId);
}

/** Ends the stages of a run that nobody works on any more. */
export function failOpenStages(writer: CatalogueWriter, runId: string, endedAt: number): void {
  writer.run("UPDATE stages SET state = 'failed', ended_at = ? WHERE run_id = ? AND state = 'running'", endedAt, runId);
  noteRun(writer, runId);
}

export function stagesOf(reader: CatalogueReader, runId: string): readonly StageRow[] {
  return reader
    .all(
      "SELECT stage, state, started_at, ended_at, error_json FROM stages WHERE run_id = ? ORDER BY started_at",
      runId,
    )
    .map((row) => ({
      stage: row.stage as StageName,
      state: row.state as StageState,
      startedAt: Number(row.started_at),
      endedAt: row.ended_at === null ? null : Number(row.ended_at),
      error: row.error_json === null ? null : (JSON.parse(String(row.error_json)) as EncodedError),
    }));
}

export function getRun(reader: CatalogueReader, runId: string): RunRow | undefined {
  const row = reader.get("SELECT * FROM runs WHERE run_id = ?", runId);
  return row === undefined ? undefined : runOf(row);
}

export function listRuns(
  reader: CatalogueReader,
  filter: { readonly status?: RunStatus | undefined; readonly limit: number },
) {
  const where = filter.status === undefined ? "" : "WHERE status = ?";
  const values = filter.status === undefined ? [] : [filter.status];
  const total = Number(reader.get(`SELECT COUNT(*) AS n FROM runs ${where}`, ...values)?.n);
  const rows = reader.all(`SELECT * FROM runs ${where} ORDER BY run_number DESC LIMIT ?`, ...values, filter.limit);
  return { total, runs: rows.map(runOf) };
}

export function runningRuns(reader: CatalogueReader): readonly RunRow[] {
  return reader.all("SELECT * FROM runs WHERE status = 'RUNNING'").map(runOf);
}

/** Lists when ended runs ended, as far as known. */
export function endedRuns(reader: CatalogueReader): readonly { readonly runId: string; readonly endedAt: number }[] {
  return reader
    .all("SELECT run_id, COALESCE(ended_at, started_at) AS at FROM runs WHERE status <> 'RUNNING'")
    .map((row) => ({ runId: String(row.run_id), endedAt: Number(row.at) }));
}

export function newestRun(reader: CatalogueReader, fingerprint: string): RunRow | undefined {
  const row = reader.get("SELECT * FROM runs WHERE fingerprint = ? ORDER BY run_number DESC LIMIT 1", fingerprint);
  return row === undefined ? undefined : runOf(row);
}

/** Lists finished runs of a plan's job, newest first. */
export function finishedRunsOfJob(reader: CatalogueReader, jobId: string): readonly RunRow[] {
  return reader
    .all(
      "SELECT * FROM runs WHERE json_extract(params_json, '$.job_id') = ? AND status = 'FINISHED' AND is_resumable = 0 ORDER BY run_number DESC",
      jobId,
    )
    .map(runOf);
}

/** Finds the newest unfinished run of equal versions. */
export function resumableRun(reader: CatalogueReader, fingerprint: string): RunRow | undefined {
  const run = newestRun(reader, fingerprint);
  return run?.isResumable === true && run.status !== "FINISHED" ? run : undefined;
}

/** Lists runs whose id begins with `prefix`. */
export function runsByPrefix(reader: CatalogueReader, prefix: string): readonly RunRow[] {
  return reader.all("SELECT * FROM runs WHERE substr(run_id, 1, ?) = ? LIMIT 3", prefix.length, prefix).map(runOf);
}

export function runByNumber(reader: CatalogueReader, number: number): RunRow | undefined {
  const row = reader.get("SELECT * FROM runs WHERE run_number = ?", number);
  return row === undefined ? undefined : runOf(row);
}

export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  readonly step: number;
  readonly timestamp: number;
}

export function putMetrics(catalogue: Pick<Catalogue, "write">, runId: string, points: readonly MetricPoint[]): void {
  catalogue.write((writer) => writeMetrics(writer, runId, points));
}

export function writeMetrics(writer: CatalogueWriter, runId: string, points: readonly MetricPoint[]): void {
  for (const point of points) {
    writer.run(
      "INSERT INTO run_metrics (run_id, key, step, value, recorded_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, recorded_at = excluded.recorded_at",
      runId,
      point.key,
      point.step,
      point.value,
      point.timestamp,
    );
  }
  if (points.length > 0) noteRun(writer, runId);
}

/** Returns the last value of each metric. */
export function lastMetrics(reader: CatalogueReader, runId: string): Readonly<Record<string, number>> {
  const rows = reader.all(
    "SELECT key, value, MAX(step) FROM run_metrics WHERE run_id = ? GROUP BY key ORDER BY key",
    runId,
  );
  return Object.fromEntries(rows.map((row) => [String(row.key), Number(row.value)]));
}

/** Lists all points of a run's metrics, by key and step. */
export function metricHistory(
  reader: CatalogueReader,
  runId: string,
): { readonly metric: string; readonly step: number; readonly value: number }[] {
  return reader
    .all("SELECT key, step, value FROM run_metrics WHERE run_id = ? ORDER BY key, step", runId)
    .map((row) => ({ metric: String(row.key), step: Number(row.step), value: Number(row.value) }));
}

export function countRuns(reader: CatalogueReader): number {
  return Number(reader.get("SELECT count(*) AS runs FROM runs")?.runs);
}

/** Lists ended runs whose model was fetched from MLflow, latest first. */
export function endedRunsWithModel(reader: CatalogueReader): readonly string[] {
  const rows = reader.all(
    `SELECT runs.run_id AS id FROM runs JOIN stages ON stages.run_id = runs.run_id
     WHERE stages.stage = 'evaluate' AND stages.state = 'finished' AND runs.status <> 'RUNNING' AND runs.is_resumable = 0
     ORDER BY runs.started_at DESC`,
  );
  return rows.map((row) => String(row.id));
}
