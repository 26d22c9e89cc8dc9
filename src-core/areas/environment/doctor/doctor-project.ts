import { existsSync } from "node:fs";
import path from "node:path";
import { counted } from "../../../../src-view/numbers.ts";
import { nextStep, programStep } from "../../../contract/build-step.ts";
import { toAppError } from "../../../contract/errors.ts";
import type { LedgerHead } from "../../../contract/ledger.ts";
import { readText } from "../../../foundation/files/durable.ts";
import { checkReads } from "../../ledger/check-reads.ts";
import { readHead } from "../../ledger/store.ts";
import { type LedgerText, verifyLedger, verifyTail } from "../../ledger/verify.ts";
import { decidedRuns } from "../../promotion/store.ts";
import { countRuns } from "../../runs/store.ts";
import type { DoctorCore, Examination, Finding, GlanceCore } from "./examination.ts";

export function checkProject({ core }: Examination): Finding {
  // If a configuration is invalid, this throws an error with file, line and key.
  const project = core.project();
  return { name: "Project", state: "ok", found: `${project.config.name} (${project.paths.root})`, fix: null };
}

/** Used versions must stay as they were: a run that names a changed one is refused. */
export async function checkConfigurations({ core }: Examination<GlanceCore>): Promise<Finding> {
  const { files, actions } = await core.configs.changedVersions();
  const name = "Configurations";
  if (files.length === 0) return { name, state: "ok", found: "every used version is as the run used it", fix: null };
  const found = `${files.join(", ")}: changed or deleted after a run used ${files.length === 1 ? "it" : "them"}`;
  return { name, state: "problem", found, fix: "Keep your edit as a new version, and restore the used one.", actions };
}

export function checkCatalogue({ core }: Examination): Finding {
  const { paths } = core.project();
  if (!existsSync(paths.catalogueFile))
    return {
      name: "Catalogue",
      state: "ok",
      found: "missing; the next command that needs it rebuilds it from the tracked files and MLflow",
      fix: null,
    };
  return {
    name: "Catalogue",
    state: "ok",
    found: `${counted(countRuns(core.catalogue()), "run")} (${paths.catalogueFile})`,
    fix: null,
  };
}

/**
 * Checks whether the runs that the ledger names are here. Their folders and the managed server's database are in `.signalbox`, which no other
 * place has.
 */
export function checkRecords({ core }: Examination<GlanceCore>): Finding {
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
    found: `the ledger has ${counted(decided.length, "decided run")}, and ${missing.length === decided.length ? (decided.length === 1 ? "it isn't" : "none of them is") : `${missing.length} of them aren't`} in ${paths.runs}${models}`,
    fix: isLost
      ? "If .signalbox was deleted, restore it from a backup. In a clone, copy it from where the runs were made, or name the MLflow server that has their models (tracking.uri in signalbox.yaml)."
      : "If .signalbox was deleted, restore it from a backup. In a clone, nothing is to be done: what MLflow has of the runs is shown.",
  };
}

export async function checkLedger(examination: Examination): Promise<Finding> {
  return await ledgerFinding(examination, async (ledger) => {
    const { entries } = verifyLedger(ledger);
    const { root, referenceReadsFile: file } = examination.core.project().paths;
    const log = { text: existsSync(file) ? readText(file) : "", file, root };
    checkReads(log, entries, await examination.core.configs.frozenReferences());
    return `${counted(entries.length, "entry", "entries")}, the chain is complete`;
  });
}

/** The same without every entry's hash: only that nothing is missing at the end. */
export async function checkLedgerTail(examination: Examination<GlanceCore>): Promise<Finding> {
  return await ledgerFinding(examination, async (ledger) => counted(verifyTail(ledger).entries, "entry", "entries"));
}

async function ledgerFinding(
  { core }: Examination<GlanceCore>,
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

export function checkDvc({ core }: Examination): Finding {
  const { root } = core.project().paths;
  const file = path.join(root, ".dvc", "config");
  if (!existsSync(file))
    return {
      name: "DVC",
      state: "problem",
      found: `${file} is missing: the project isn't a DVC repository`,
      fix: "Restore the folder if it was deleted, or initialise DVC.",
      actions: [
        programStep(["git", "-C", root, "checkout", "--", ".dvc"], "restores the folder, if it was committed"),
        programStep(["dvc", "--cd", root, "init", "--subdir"], "initialises DVC, if it is installed"),
      ],
    };
  const remote = /remote\s*=\s*(\S+)/.exec(readText(file))?.[1];
  const found = remote === undefined ? "set up; no default remote" : `set up; default remote '${remote}'`;
  return { name: "DVC", state: "ok", found, fix: null };
}

/** Versioned files must be in place: a clone has only the records of them. */
export async function checkData({ core }: Examination<DoctorCore>): Promise<Finding> {
  const name = "Data";
  if (!existsSync(path.join(core.project().paths.root, ".dvc", "config")))
    return { name, state: "ok", found: "nothing is versioned without DVC", fix: null };
  const { paths, recorded, hint, actions } = await core.versioning.missing();
  if (paths.length === 0)
    return { name, state: "ok", found: `${counted(recorded, "versioned output")}, each in place`, fix: null };
  const some = paths.slice(0, 3).join(", ");
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : "";
  const found = `${some}${more} ${paths.length === 1 ? "is" : "are"} recorded but not in place`;
  return { name, state: "problem", found, fix: hint, actions };
}
