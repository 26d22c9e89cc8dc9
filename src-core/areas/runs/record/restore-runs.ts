import { statSync } from "node:fs";
import path from "node:path";
import type { StageResults } from "../../../contract/runs/stage-results.ts";
import { type ResultName, resultNames } from "../../../contract/runs/stage-results.ts";
import type { CatalogueWriter } from "../../../foundation/catalogue/open.ts";
import { stageRecord } from "../stages/pipelines.ts";
import { type MetricPoint, putRun, type RunRow, runByNumber, type StageRow, setStage, writeMetrics } from "../store.ts";
import { type RunRecord, readResults, readRun, runFolders } from "./record.ts";
import { type RunState, readState } from "./state-file.ts";

/** The rows of one run, wherever they were found again. */
export interface RestoredRun {
  readonly row: Omit<RunRow, "number"> & { readonly number: number | null };
  readonly stages: readonly StageRow[];
  readonly metrics: readonly MetricPoint[];
}

/** A run's folder with what it says. */
export interface RestoredFolder extends RestoredRun {
  readonly results: Partial<StageResults>;
}

/** Every run that has a folder, oldest first, and the folders that can't be read. */
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

/** Without a state.json a run counts as running: whoever settles runs finds that nobody works on it. */
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

/** Times as they were noted; a stage whose result is there is finished, even if it was killed before it was noted. */
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

/** Writes the rows of a run. Its number is kept, unless a newer run was given it meanwhile. */
export function restoreRun(writer: CatalogueWriter, { row, stages, metrics }: RestoredRun): void {
  const { number, ...run } = row;
  const holder = number === null ? undefined : runByNumber(writer, number);
  const isFree = number !== null && (holder === undefined || holder.runId === run.runId);
  putRun(writer, isFree ? { ...run, number } : run);
  for (const stage of stages) setStage(writer, run.runId, stage);
  // Noting a stage sets the run's own: the last one noted is not always the one it stands in.
  putRun(writer, run);
  writeMetrics(writer, run.runId, metrics);
}
