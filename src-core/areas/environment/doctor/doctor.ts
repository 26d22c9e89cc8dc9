import { existsSync } from "node:fs";
import type { Check } from "../../../contract/environment.ts";
import { projectPaths } from "../../../foundation/files/paths.ts";
import { checkDisk, checkGit, checkNode, checkPython } from "./doctor-machine.ts";
import { checkCatalogue, checkData, checkDvc, checkLedger, checkProject } from "./doctor-project.ts";
import { checkConfigurations, checkRecords } from "./doctor-records.ts";
import { checkOwnership, checkProduction, checkTracking } from "./doctor-tracking.ts";
import type { DoctorCore, Examiners } from "./examination.ts";
import { checksOf, findingsOf } from "./findings.ts";

const ofMachine: Examiners = {
  Node: checkNode,
  Python: checkPython,
  Disk: checkDisk,
  git: checkGit,
};

/** What is in a project. They would all repeat what makes the project itself unreadable. */
const ofProject: Examiners = {
  Configurations: checkConfigurations,
  Catalogue: checkCatalogue,
  Records: checkRecords,
  Ledger: checkLedger,
  DVC: checkDvc,
  Data: checkData,
  MLflow: checkTracking,
  "Names on the server": checkOwnership,
  Production: checkProduction,
};

/** Runs all checks; what is in a project only if that can be read. */
export async function checkEverything(core: DoctorCore, signal: AbortSignal) {
  const isInProject = existsSync(projectPaths(core.projectDir).configFile);
  const examination = { core, signal };
  const first = await findingsOf(isInProject ? { ...ofMachine, Project: checkProject } : ofMachine, examination);
  const isReadable = isInProject && first.at(-1)?.state === "ok";
  const checks = await checksOf([...first, ...(isReadable ? await findingsOf(ofProject, examination) : [])]);
  const count = (state: Check["state"]) => checks.filter((check) => check.state === state).length;
  return { checks: [...checks], problems: count("problem"), warnings: count("warning") };
}
