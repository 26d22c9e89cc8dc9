import path from "node:path";
import { readFrozen } from "../../areas/configs/freeze/frozen.ts";
import { restoreFrozen } from "../../areas/configs/freeze/restore-frozen.ts";
import { restoreJobs } from "../../areas/jobs/restore-jobs.ts";
import { furthestHead, ledgerHeadTag } from "../../areas/ledger/head-tag.ts";
import { readLedger } from "../../areas/ledger/read.ts";
import { restoreHead } from "../../areas/ledger/restore-head.ts";
import { restoreEntries } from "../../areas/promotion/decide/entry-item.ts";
import { indexEntries } from "../../areas/promotion/decide/record-decision.ts";
import { restoreOutcomes } from "../../areas/runs/record/restore-outcomes.ts";
import {
  type RestoredFolder,
  type RestoredRun,
  restoredFolders,
  restoreRun,
} from "../../areas/runs/record/restore-runs.ts";
import { isUndecided } from "../../areas/runs/record/run-place.ts";
import { putModel } from "../../areas/tracking/store.ts";
import { toAppError } from "../../contract/errors.ts";
import type { LedgerEntry } from "../../contract/ledger.ts";
import type { OperationContext } from "../../contract/operation.ts";
import type { CatalogueWriter } from "../../foundation/catalogue/open.ts";
import { type RebuildMark, readMark, removeMark, writeMark } from "../../foundation/catalogue/rebuild-mark.ts";
import type { Core } from "../../foundation/context.ts";
import { askTracking, type TrackingAccount } from "./rebuild-tracking.ts";

/**
 * Brings back into a catalogue what the tracked files, the run folders and MLflow know, where it was deleted. Each area puts its own rows;
 * long operations are not kept anywhere else and don't come back. It never stops the command that found the catalogue missing: what
 * can't be read is named, and the next command tries again. Safe to repeat, and with several processes at it.
 */
export async function rebuildCatalogue(
  core: Pick<Core, "catalogue" | "env" | "project" | "tracking" | "trackingFlag">,
  context: OperationContext,
): Promise<void> {
  const { paths } = core.project();
  const mark = readMark(paths);
  if (mark === null) return;
  if (!mark.hasTriedServer)
    context.report({
      stage: "catalogue",
      state: "started",
      message: "the catalogue is missing: rebuilding it from the tracked files and MLflow",
    });
  const began = Date.now();
  const missing: string[] = [];
  const known = gatherTracked(core, missing);
  core.catalogue().write((writer) => putTracked(core, writer, known));
  const account = await askTracking(core, { mark, folders: known.folders, signal: context.signal }, missing);
  if (account !== null) core.catalogue().write((writer) => putTracking(core, writer, { account, known }));
  // MLflow's account of a run replaces a damaged folder's.
  for (const name of known.unreadable) {
    if (account?.runs.some(({ row }) => row.runId === name) !== true)
      missing.push(`the run folder ${name.slice(0, 8)} can't be read`);
  }
  finish(core, { mark, missing, took: Date.now() - began }, context);
}

interface Tracked {
  readonly folders: readonly RestoredFolder[];
  /** Names of run folders whose record is damaged. */
  readonly unreadable: readonly string[];
  readonly entries: readonly LedgerEntry[];
}

function gatherTracked(core: Pick<Core, "project">, missing: string[]): Tracked {
  const { paths } = core.project();
  const { found, unreadable } = restoredFolders(paths.runs);
  const rest = { folders: found, unreadable };
  try {
    return { ...rest, entries: readLedger(paths.ledgerFile) };
  } catch (error) {
    missing.push(`decisions: ${toAppError(error).message}`);
    return { ...rest, entries: [] };
  }
}

function putTracked(core: Pick<Core, "project">, writer: CatalogueWriter, { folders, entries }: Tracked): void {
  const { paths } = core.project();
  for (const folder of folders) {
    restoreRun(writer, folder);
    putModelOf(writer, folder);
    restoreJobs(writer, paths.root, path.join(paths.runs, folder.row.runId));
  }
  putFrozen(core, writer, folders);
  indexEntries(writer, entries);
  restoreHead(writer, entries, null);
  putOutbox(writer, entries, paths.runs);
}

/** What was sent to MLflow and what may not have been, as far as ledger and run folders say. */
function putOutbox(writer: CatalogueWriter, entries: readonly LedgerEntry[], runs: string): void {
  restoreOutcomes(writer, runs);
  restoreEntries(writer, entries, (runId) => isUndecided(path.join(runs, runId)));
}

function putModelOf(writer: CatalogueWriter, { results, row, stages }: RestoredFolder): void {
  const { train, decide } = results;
  if (train !== undefined && decide !== undefined)
    putModel(writer, {
      name: decide.modelName,
      version: decide.modelVersion,
      runId: row.runId,
      digest: train.modelDigest,
      registeredAt: stages.find((it) => it.stage === "decide")?.endedAt ?? row.startedAt,
    });
}

function putFrozen(core: Pick<Core, "project">, writer: CatalogueWriter, runs: readonly RestoredRun[]): void {
  restoreFrozen(
    writer,
    readFrozen(core.project().paths),
    runs.map(({ row }) => row),
  );
}

function putTracking(
  core: Pick<Core, "project">,
  writer: CatalogueWriter,
  { account, known }: { readonly account: TrackingAccount; readonly known: Tracked },
): void {
  const runs = account.runs.toSorted((a, b) => a.row.startedAt - b.row.startedAt);
  for (const run of runs) restoreRun(writer, run);
  putFrozen(core, writer, [...known.folders, ...runs]);
  for (const model of account.models) putModel(writer, model);
  putOutbox(writer, known.entries, core.project().paths.runs);
  restoreHead(writer, known.entries, furthestHead(account.tags.map((tags) => tags[ledgerHeadTag])));
}

function finish(
  core: Pick<Core, "project">,
  it: { readonly mark: RebuildMark; readonly missing: readonly string[]; readonly took: number },
  context: OperationContext,
): void {
  const { paths } = core.project();
  if (it.missing.length === 0) {
    removeMark(paths);
    context.report({ stage: "catalogue", state: "finished", elapsedMs: it.took, message: "the catalogue is rebuilt" });
    return;
  }
  writeMark(paths, { hasTriedServer: true, missing: it.missing });
  const isNews = it.missing.join("\n") !== it.mark.missing.join("\n");
  if (isNews)
    context.report({
      stage: "catalogue",
      state: "failed",
      elapsedMs: it.took,
      message: `not all of the catalogue could be rebuilt (${it.missing.join("; ")}); the next command tries again`,
    });
}

/**
 * What a supervisor does before its first operation: puts right what a crash left of the ledger's last line, and writes the rows of
 * entries, in the index and the outbox, that were not written any more. A broken ledger is left to the operation that needs it.
 */
export async function settleLedgerFile(core: Pick<Core, "catalogue" | "clock" | "project">): Promise<void> {
  const { settleLedger } = await import("../../areas/ledger/append.ts");
  const { paths } = core.project();
  const catalogue = core.catalogue();
  try {
    const { ledger } = settleLedger({ paths, catalogue, clock: core.clock });
    catalogue.write((writer) => {
      indexEntries(writer, ledger.entries);
      putOutbox(writer, ledger.entries, paths.runs);
    });
  } catch (error) {
    if (!/^ledger\//.test(toAppError(error).code)) throw error;
  }
}
