import { existsSync } from "node:fs";
import path from "node:path";
import { counted } from "../../../../src-view/numbers.ts";
import { programStep } from "../../../contract/build-step.ts";
import { readText } from "../../../foundation/files/durable.ts";
import { verifyLedger } from "../../ledger/verify.ts";
import { countRuns } from "../../runs/store.ts";
import { checkReadLog, ledgerFinding } from "./doctor-records.ts";
import type { Examination, Finding } from "./examination.ts";

export function checkProject({ core }: Examination): Finding {
  // If a configuration is invalid, this throws an error with file, line and key.
  const project = core.project();
  return { name: "Project", state: "ok", found: `${project.config.name} (${project.paths.root})`, fix: null };
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

export async function checkLedger(examination: Examination): Promise<Finding> {
  return await ledgerFinding(examination, async (ledger) => {
    const { entries } = verifyLedger(ledger);
    await checkReadLog(examination, entries);
    return `${counted(entries.length, "entry", "entries")}, the chain is complete`;
  });
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
export async function checkData({ core }: Examination): Promise<Finding> {
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
