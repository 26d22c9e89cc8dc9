import { statSync } from "node:fs";
import path from "node:path";
import type { StageResults } from "../../../contract/runs/stage-results.ts";
import { type ResultName, resultNames } from "../../../contract/runs/stage-results.ts";
import type { CatalogueWriter } from "../../../foundation/catalogue/open.ts";
import { stageRecord } from "../stages/pipelines.ts";
import { type MetricPoint, putRun, type RunRow, runByNumber, type StageRow, setStage, writeMetrics } from "../store.ts";
import { type RunRecord, readResults, readRun, runFolders } from "./record.ts";
import { type RunState, readState } from "./state-file.ts";

/** The rows of a run, from any source. */
export interface RestoredRun {
  readonly row: Omit<RunRow, "number"> & { readonly number: number | null };
  readonly stages: readonly StageRow[];
  readonly metrics: readonly MetricPoint[];
}

/** The folder of a run with its contents. */
export interface RestoredFolder extends RestoredRun {
  readonly results: Partial<StageResults>;
}

/** Reads all runs that have a folder, oldest first, and lists unreadable folders. */
export function restoredFolders(runs: string): {
  readonly found: readonly RestoredFolder[];
  readonly unreadable: readonly string[];
} {
  const found: RestoredFolder[] = [];
  const unreadable: string[] = [];
  for (const name of runFolders(runs)) {
    try {
      const restored = fromFolder(path.join(runs, name));
      if (restored !== undefined) found.push(restored);
    } catch {
      unreadable.push(name);
    }
  }
  return { found: found.sort((a, b) => (a.row.number ?? 0) - (b.row.number ?? 0)), unreadable };
}

function fromFolder(runDir: string): RestoredFolder | undefined {
  const record = readRun(runDir);
  if (record === undefined) return undefined;
  const results = readResults(runDir);
  const stages = stagesFrom(runDir, { record, results, state: readState(runDir) });
  return { ...runFrom(runDir, { record, results, state: readState(runDir) }, stages), results };
}

interface FolderContent {
  readonly record: RunRecord;
  readonly results: Partial<StageResults>;
  readonly state: RunState | null;
}

/** Without a state.json, a run counts as running; it is later closed if no process executes it. */
function runFrom(runDir: string, it: FolderContent, stages: readonly StageRow[]): RestoredRun {
  const { record, results, state } = it;
  const isComplete = results.decide !== undefined;
  const status = state?.status ?? (isComplete ? "FINISHED" : "RUNNING");
  return {
    row: {
      runId: record.runId,
      number: record.number,
      name: record.name,
      experiment: record.experiment,
      status,
      isResumable: state?.isResumable ?? false,
      fingerprint: record.fingerprint,
      versions: record.versions,
      stage: state?.stage ?? stages.at(-1)?.stage ?? "start",
      verdict: results.decide?.gate.verdict ?? null,
      startedAt: record.startedAt,
      endedAt: state === null ? (isComplete ? resultTime(runDir, "decide") : null) : state.endedAt,
      error: state?.error ?? null,
      params: record.params,
    },
    stages,
    metrics: metricsFrom(record, results),
  };
}

/** Uses the recorded times. A stage with a result is finished, even if a kill prevented recording it. */
function stagesFrom(runDir: string, { record, results, state }: FolderContent): readonly StageRow[] {
  const noted = state?.stages ?? [];
  return resultNames.flatMap((stage): readonly StageRow[] => {
    const known = noted.find((it) => it.stage === stage);
    if (results[stage] === undefined) return known === undefined ? [] : [{ ...known, stage }];
    if (known?.state === "finished") return [{ ...known, stage }];
    const endedAt = resultTime(runDir, stage);
    return [{ stage, state: "finished", startedAt: known?.startedAt ?? record.startedAt, endedAt, error: null }];
  });
}

function resultTime(runDir: string, stage: ResultName): number {
  return Math.floor(statSync(path.join(runDir, "stages", `${stage}.json`)).mtimeMs);
}

function metricsFrom(record: RunRecord, results: Partial<StageResults>): readonly MetricPoint[] {
  return resultNames.flatMap((name) =>
    Object.entries(metricsOf(name, results)).map(([key, value]) => ({
      ...{ key, value, step: 0, timestamp: record.startedAt },
    })),
  );
}

function metricsOf<Name extends ResultName>(name: Name, results: Partial<StageResults>) {
  const result: StageResults[Name] | undefined = results[name];
  return result === undefined ? {} : stageRecord(name).metrics(result);
}

/** Writes the rows of a run. It keeps its number, unless a newer run has it meanwhile. */
export function restoreRun(writer: CatalogueWriter, { row, stages, metrics }: RestoredRun): void {
  const { number, ...run } = row;
  const holder = number === null ? undefined : runByNumber(writer, number);
  const isFree = number !== null && (holder === undefined || holder.runId === run.runId);
  putRun(writer, isFree ? { ...run, number } : run);
  for (const stage of stages) setStage(writer, run.runId, stage);
  // Recording a stage also sets the current stage of the run, which isn't always the last recorded one.
  putRun(writer, run);
  writeMetrics(writer, run.runId, metrics);
}
