import { existsSync } from "node:fs";
import { hintText } from "../../../contract/command-text.ts";
import type { Check } from "../../../contract/environment.ts";
import { toAppError } from "../../../contract/errors.ts";
import { projectPaths } from "../../../foundation/files/paths.ts";
import { checkDisk, checkGit, checkNode, checkPython } from "./doctor-machine.ts";
import {
  checkCatalogue,
  checkConfigurations,
  checkDvc,
  checkLedger,
  checkOwnership,
  checkProject,
  checkTracking,
} from "./doctor-project.ts";
import type { DoctorCore, Examination, Finding } from "./examination.ts";

type Examiner = (examination: Examination) => Finding | Promise<Finding>;

type Examiners = Readonly<Record<string, Examiner>>;

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
  Ledger: checkLedger,
  DVC: checkDvc,
  MLflow: checkTracking,
  "Names on the server": checkOwnership,
};

/** Runs all checks. A check that throws is reported as a problem, and the others still run; what is in a project only if that can be read. */
export async function checkEverything(core: DoctorCore, signal: AbortSignal) {
  const isInProject = existsSync(projectPaths(core.projectDir).configFile);
  const { declaredForm } = await import("../../../contract/declared-forms.ts");
  const examination = { core, signal };
  const first = await findingsOf(isInProject ? { ...ofMachine, Project: checkProject } : ofMachine, examination);
  const isReadable = isInProject && first.at(-1)?.state === "ok";
  const findings = [...first, ...(isReadable ? await findingsOf(ofProject, examination) : [])];
  const checks = findings.map(({ fix, actions = [], ...finding }): Check => {
    const inWords = finding.state === "ok" ? fix : hintText({ hint: fix, next: actions }, declaredForm);
    return { ...finding, fix: inWords, actions: [...actions] };
  });
  const count = (state: Check["state"]) => checks.filter((check) => check.state === state).length;
  return { checks, problems: count("problem"), warnings: count("warning") };
}

function findingsOf(examiners: Examiners, examination: Examination): Promise<readonly Finding[]> {
  return Promise.all(
    Object.entries(examiners).map(async ([name, examine]): Promise<Finding> => {
      try {
        return await examine(examination);
      } catch (error) {
        const { message, hint, next } = toAppError(error);
        return { name, state: "problem", found: message, fix: hint ?? null, ...(next && { actions: next }) };
      }
    }),
  );
}
