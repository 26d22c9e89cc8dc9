import { existsSync } from "node:fs";
import { hintText } from "../../../contract/command-text.ts";
import type { Check } from "../../../contract/environment.ts";
import { toAppError } from "../../../contract/errors.ts";
import type { Core } from "../../../foundation/context.ts";
import { projectPaths } from "../../../foundation/files/paths.ts";
import { checkDisk, checkGit, checkNode, checkPython } from "./doctor-machine.ts";
import { checkCatalogue, checkDvc, checkLedger, checkProject, checkTracking } from "./doctor-project.ts";
import type { Examination, Finding } from "./examination.ts";

type Examiner = (examination: Examination) => Finding | Promise<Finding>;

const ofMachine: Readonly<Record<string, Examiner>> = {
  Node: checkNode,
  Python: checkPython,
  Disk: checkDisk,
  git: checkGit,
};

const ofProject: Readonly<Record<string, Examiner>> = {
  Project: checkProject,
  Catalogue: checkCatalogue,
  Ledger: checkLedger,
  DVC: checkDvc,
  MLflow: checkTracking,
};

/** Runs all checks. A check that throws is reported as a problem, and the others still run. */
export async function checkEverything(
  core: Pick<Core, "catalogue" | "env" | "home" | "project" | "projectDir">,
  signal: AbortSignal,
) {
  const isInProject = existsSync(projectPaths(core.projectDir).configFile);
  const examiners = Object.entries(isInProject ? { ...ofMachine, ...ofProject } : ofMachine);
  const { declaredForm } = await import("../../../contract/declared-forms.ts");
  const findings = await Promise.all(
    examiners.map(async ([name, examine]): Promise<Finding> => {
      try {
        return await examine({ core, signal });
      } catch (error) {
        const it = toAppError(error);
        return {
          name,
          state: "problem",
          found: it.message,
          fix: it.hint ?? null,
          ...(it.next && { actions: it.next }),
        };
      }
    }),
  );
  const checks = findings.map(({ fix, actions = [], ...finding }): Check => {
    const inWords = finding.state === "ok" ? fix : hintText({ hint: fix, next: actions }, declaredForm);
    return { ...finding, fix: inWords, actions: [...actions] };
  });
  const count = (state: Check["state"]) => checks.filter((check) => check.state === state).length;
  return { checks, problems: count("problem"), warnings: count("warning") };
}
