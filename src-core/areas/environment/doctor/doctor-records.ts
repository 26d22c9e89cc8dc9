import { existsSync } from "node:fs";
import path from "node:path";
import { counted } from "../../../../src-view/numbers.ts";
import { nextStep } from "../../../contract/build-step.ts";
import { toAppError } from "../../../contract/errors.ts";
import type { LedgerEntry, LedgerHead } from "../../../contract/ledger.ts";
import { readText } from "../../../foundation/files/durable.ts";
import { checkReads } from "../../ledger/check-reads.ts";
import { keptText, readHead } from "../../ledger/store.ts";
import { type LedgerText, verifyTail } from "../../ledger/tail.ts";
import { decidedRuns } from "../../promotion/store.ts";
import type { Examination, Finding } from "./examination.ts";

/** What can be seen of a project's records without reading them whole, and without building their schemas. */

/** Used versions must stay as they were: a run that names a changed one is refused. */
export async function checkConfigurations({ core }: Examination): Promise<Finding> {
  const { files, actions } = await core.configs.changedVersions();
  const name = "Configurations";
  const absent = (await core.configs.missingActive()).filter((file) => !files.includes(file));
  if (absent.length > 0)
    return {
      name,
      state: "problem",
      found: `configs/active.yaml names ${absent.join(", ")}, which ${absent.length === 1 ? "doesn't" : "don't"} exist`,
      fix: "Name a version that exists there, or write the file.",
      actions: [nextStep("configs.list", {}, "shows the versions")],
    };
  if (files.length === 0) return { name, state: "ok", found: "every used version is as the run used it", fix: null };
  const found = `${files.join(", ")}: changed or deleted after a run used ${files.length === 1 ? "it" : "them"}`;
  return { name, state: "problem", found, fix: "Keep your edit as a new version, and restore the used one.", actions };
}

/**
 * Checks whether the runs that the ledger names are here. Their folders and the managed server's database are in `.signalbox`, which no other
 * place has.
 */
export function checkRecords({ core }: Examination): Finding {
  const name = "Records";
  const { paths, config } = core.project();
  const decided = existsSync(paths.catalogueFile) || existsSync(paths.ledgerFile) ? decidedRuns(core.catalogue()) : [];
  const missing = decided.filter((runId) => !existsSync(path.join(paths.runs, runId)));
  if (decided.length === 0) return { name, state: "ok", found: "no run was decided yet", fix: null };
  if (missing.length === 0)
    return { name, state: "ok", found: `${counted(decided.length, "decided run")}, each with its folder`, fix: null };
  const isManaged = !(core.trackingFlag || core.env.MLFLOW_TRACKING_URI || config.tracking?.uri);
  const isLost = isManaged && !existsSync(path.join(paths.mlflow, "mlflow.db"));
  const models = isLost ? `, and neither are their models: ${paths.mlflow} has no database` : "";
  return {
    name,
    state: isLost ? "problem" : "warning",
    found: `the ledger has ${counted(decided.length, "decided run")}, and ${whichOf(missing.length, decided.length)} in ${paths.runs}${models}`,
    fix: isLost
      ? "If .signalbox was deleted, restore it from a backup. In a clone, copy it from where the runs were made, or name the MLflow server that has their models (tracking.uri in signalbox.yaml)."
      : "If .signalbox was deleted, restore it from a backup. In a clone, nothing is to be done: what MLflow has of the runs is shown.",
  };
}

function whichOf(missing: number, all: number): string {
  if (missing === all) return all === 1 ? "it isn't" : "none of them is";
  return missing === 1 ? "1 of them isn't" : `${missing} of them aren't`;
}

/** Checks the ledger by the catalogue's copy of its entries, and every entry's hash only where the two differ. */
export async function checkLedgerAtAGlance(examination: Examination): Promise<Finding> {
  return await ledgerFinding(examination, async (ledger) => {
    const { entries } = verifyTail(ledger);
    if (ledger.knownHead && !ledger.text.startsWith(keptText(examination.core.catalogue())))
      (await import("../../ledger/verify.ts")).verifyLedger(ledger);
    await checkReadLog(examination, lastEntries(ledger.text));
    return counted(entries, "entry", "entries");
  });
}

/** Counts only grow, so the last entries have the highest. */
const lookedAt = 20;

/** The last complete entries of a ledger that was just checked. */
function lastEntries(text: string): readonly LedgerEntry[] {
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "")
    .slice(-lookedAt)
    .map((line) => JSON.parse(line) as LedgerEntry);
}

/** @throws ledger/reads-lost, ledger/reads-conflict */
export async function checkReadLog({ core }: Examination, entries: readonly LedgerEntry[]): Promise<void> {
  const { root, referenceReadsFile: file } = core.project().paths;
  const log = { text: existsSync(file) ? readText(file) : "", file, root };
  checkReads(log, entries, await core.configs.frozenReferences());
}

/** Describes a ledger, or what is wrong with it. */
export async function ledgerFinding(
  { core }: Examination,
  describe: (ledger: LedgerText) => Promise<string>,
): Promise<Finding> {
  const { paths } = core.project();
  const knownHead: LedgerHead | null = existsSync(paths.catalogueFile) ? readHead(core.catalogue()) : null;
  const text = existsSync(paths.ledgerFile) ? readText(paths.ledgerFile) : "";
  try {
    const found = await describe({ text, file: paths.ledgerFile, knownHead });
    return { name: "Ledger", state: "ok", found: text === "" ? "no decisions yet" : found, fix: null };
  } catch (thrown) {
    const { message, hint, next = [] } = toAppError(thrown);
    return {
      name: "Ledger",
      state: "problem",
      found: message,
      fix: hint ?? null,
      actions: [nextStep("ledger.verify", {}, "shows the place"), ...next],
    };
  }
}
