import { existsSync } from "node:fs";
import path from "node:path";
import { nextStep, programStep } from "../../../contract/build-step.ts";
import { toAppError } from "../../../contract/errors.ts";
import { readText } from "../../../foundation/files/durable.ts";
import { readHead } from "../../ledger/store.ts";
import { verifyLedger } from "../../ledger/verify.ts";
import { isServerFailure } from "../../outbox/due.ts";
import { countRuns } from "../../runs/store.ts";
import type { Examination, Finding } from "./examination.ts";

const answerTimeoutMs = 5_000;

export function checkProject({ core }: Examination): Finding {
  // If a configuration is invalid, this throws an error with file, line and key.
  const project = core.project();
  return { name: "Project", state: "ok", found: `${project.config.name} (${project.paths.root})`, fix: null };
}

/** Used versions must stay as they were: a run that names a changed one is refused. */
export async function checkConfigurations({ core }: Examination): Promise<Finding> {
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
    found: `${countRuns(core.catalogue())} runs (${paths.catalogueFile})`,
    fix: null,
  };
}

export function checkLedger({ core }: Examination): Finding {
  const { paths } = core.project();
  const knownHead = existsSync(paths.catalogueFile) ? readHead(core.catalogue()) : null;
  const text = existsSync(paths.ledgerFile) ? readText(paths.ledgerFile) : "";
  try {
    const { entries } = verifyLedger({ text, file: paths.ledgerFile, knownHead }).head;
    return {
      name: "Ledger",
      state: "ok",
      found: entries === 0 ? "no decisions yet" : `${entries} entries, the chain is complete`,
      fix: null,
    };
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
      fix: "Initialise DVC, or restore the folder if it was deleted.",
      actions: [
        programStep(["dvc", "--cd", root, "init", "--subdir"], "initialises DVC"),
        programStep(["git", "-C", root, "checkout", "--", ".dvc"], "restores the folder"),
      ],
    };
  const remote = /remote\s*=\s*(\S+)/.exec(readText(file))?.[1];
  const found = remote === undefined ? "set up; no default remote" : `set up; default remote '${remote}'`;
  return { name: "DVC", state: "ok", found, fix: null };
}

/** Checks whether a configured server responds. The managed server starts when needed, but not for this check. */
export async function checkTracking({ core, signal }: Examination): Promise<Finding> {
  const uri = core.env.MLFLOW_TRACKING_URI || core.project().config.tracking?.uri;
  if (!uri)
    return {
      name: "MLflow",
      state: "ok",
      found: "managed; starts when needed",
      fix: null,
      actions: [nextStep("mlflow.status", {}, "shows whether it is running")],
    };
  const fix =
    "Start the server, or remove its address from MLFLOW_TRACKING_URI or signalbox.yaml to use the managed one.";
  if (!/^https?:/.test(uri))
    return { name: "MLflow", state: "problem", found: `${uri} isn't the address of an MLflow server`, fix };
  try {
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]);
    const answer = await fetch(`${uri.replace(/\/$/, "")}/version`, { signal: timeout });
    const version = (await answer.text()).trim().slice(0, 20);
    if (answer.ok) return { name: "MLflow", state: "ok", found: `MLflow ${version} at ${uri}`, fix: null };
    return { name: "MLflow", state: "problem", found: `${uri} responds with HTTP ${answer.status}`, fix };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { name: "MLflow", state: "problem", found: `${uri} can't be reached: ${reason}`, fix };
  }
}

/** A run is refused where its names are another project's, or where another copy of this one has decided. Starts no server to know it. */
export async function checkOwnership({ core, signal }: Examination): Promise<Finding> {
  const project = core.project();
  const finding = { name: "Names on the server", state: "ok", fix: null } as const;
  try {
    await core.ownership.check(await core.tracking({ signal, isOnlyAsked: true }), [project]);
  } catch (error) {
    if (!isServerFailure(toAppError(error).code)) throw error;
    return { ...finding, found: "not checked: the server isn't running or doesn't respond" };
  }
  const { experiment, registeredModel } = project;
  return { ...finding, found: `${experiment} and ${registeredModel} are free or this project's` };
}
