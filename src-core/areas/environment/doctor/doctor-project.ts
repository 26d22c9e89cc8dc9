import { existsSync } from "node:fs";
import path from "node:path";
import { nextStep, programStep } from "../../../contract/build-step.ts";
import { toAppError } from "../../../contract/errors.ts";
import { readText } from "../../../foundation/files/durable.ts";
import { readHead } from "../../ledger/store.ts";
import { verifyLedger } from "../../ledger/verify.ts";
import { countRuns } from "../../runs/store.ts";
import type { Examination, Finding } from "./examination.ts";

const answerTimeoutMs = 5_000;

export function checkProject({ core }: Examination): Finding {
  // Throws with file, line and key where a configuration is wrong.
  const project = core.project();
  return { name: "Project", state: "ok", found: `${project.config.name} (${project.paths.root})`, fix: null };
}

export function checkCatalogue({ core }: Examination): Finding {
  const { paths } = core.project();
  if (!existsSync(paths.catalogueFile))
    return {
      name: "Catalogue",
      state: "ok",
      found: "none yet: the next command that needs it builds it from the tracked files and MLflow",
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
      found: entries === 0 ? "no decision yet" : `${entries} entries, the chain is whole`,
      fix: null,
    };
  } catch (thrown) {
    const { message, hint, next = [] } = toAppError(thrown);
    return {
      name: "Ledger",
      state: "problem",
      found: message,
      fix: hint ?? null,
      actions: [nextStep("ledger.verify", {}, "names the place"), ...next],
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
      found: `${file} is missing: the project is no DVC repository`,
      fix: "Make it one, or restore the folder if it was deleted.",
      actions: [
        programStep(["dvc", "--cd", root, "init", "--subdir"], "makes it one"),
        programStep(["git", "-C", root, "checkout", "--", ".dvc"], "restores the folder"),
      ],
    };
  const remote = /remote\s*=\s*(\S+)/.exec(readText(file))?.[1];
  const found = remote === undefined ? "set up; no default remote" : `set up; default remote '${remote}'`;
  return { name: "DVC", state: "ok", found, fix: null };
}

/** Asks the server that is named from outside; the managed one is started when needed and not for this question. */
export async function checkTracking({ core, signal }: Examination): Promise<Finding> {
  const uri = core.env.MLFLOW_TRACKING_URI || core.project().config.tracking?.uri;
  if (!uri)
    return {
      name: "MLflow",
      state: "ok",
      found: "managed: started when needed",
      fix: null,
      actions: [nextStep("mlflow.status", {}, "shows whether it runs")],
    };
  const fix =
    "Start the server, or take its address out of MLFLOW_TRACKING_URI or signalbox.yaml to use the managed one.";
  if (!/^https?:/.test(uri))
    return { name: "MLflow", state: "problem", found: `${uri} is no address of an MLflow server`, fix };
  try {
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)]);
    const answer = await fetch(`${uri.replace(/\/$/, "")}/version`, { signal: timeout });
    const version = (await answer.text()).trim().slice(0, 20);
    if (answer.ok) return { name: "MLflow", state: "ok", found: `MLflow ${version} at ${uri}`, fix: null };
    return { name: "MLflow", state: "problem", found: `${uri} answers with HTTP ${answer.status}`, fix };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { name: "MLflow", state: "problem", found: `${uri} can't be reached: ${reason}`, fix };
  }
}
