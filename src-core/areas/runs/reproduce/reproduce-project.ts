import { constants, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { nextStep, programStep } from "../../../contract/build-step.ts";
import { type ConfigKind, configKinds } from "../../../contract/configs/config-kinds.ts";
import { AppError } from "../../../contract/errors.ts";
import type { DecisionBody } from "../../../contract/ledger.ts";
import type { PlanRun } from "../../../contract/routing/plan-run.ts";
import type { Project } from "../../../foundation/context.ts";
import { fileDigest } from "../../../foundation/files/digest.ts";
import { fileError, writeFileDurable, writeJsonDurable } from "../../../foundation/files/durable.ts";
import { type ProjectPaths, projectPaths } from "../../../foundation/files/paths.ts";
import { positiveClassOf } from "../record/params.ts";
import { readResults } from "../record/record.ts";
import type { RunRow } from "../store.ts";

const projectGate = "configs/promotion.yaml";
const kinds = Object.keys(configKinds) as readonly ConfigKind[];

/**
 * Writes the configuration of a run into a scratch project: the versions it used, checked against the digests it logged, and active.yaml
 * naming them. The gate is the one it was decided under, even if promotion.yaml was changed since.
 * @throws configs/version-changed, runs/not-comparable
 */
export function writeScratchConfigs(
  project: Project,
  run: RunRow,
  it: { readonly into: string; readonly decided: DecisionBody | undefined; readonly planRun?: PlanRun | undefined },
): void {
  const { into, decided, planRun } = it;
  if (planRun === undefined) refuseOtherProject(project, run);
  const { root } = project.paths;
  copyInto(root, "signalbox.yaml", into);
  for (const kind of kinds) {
    const version = Number(run.params[configKinds[kind].key]);
    const name = `configs/${configKinds[kind].folder}/v${version}.yaml`;
    refuseChanged(root, { name, digest: run.params[`${kind}_config_digest`], run });
    copyInto(root, name, into);
  }
  const active = kinds.map((kind) => `${configKinds[kind].key}: ${run.params[configKinds[kind].key]}\n`);
  const to = projectPaths(into);
  writeFileDurable(to.activeFile, `version: 1\n${active.join("")}`);
  // JSON is YAML: the ledger's own copy of the gate reads like the file it came from.
  const gate = planRun?.promotion ?? projectGate;
  if (decided === undefined) copyInto(root, gate, into);
  else writeJsonDurable(path.join(into, gate), decided.gate);
  // The split that a plan's jobs share is resolved with the project's gate, whatever gate the job's own target has.
  if (gate !== projectGate) copyInto(root, projectGate, into);
  if (existsSync(path.join(root, ".dvcignore"))) copyInto(root, ".dvcignore", into);
  if (run.params.model_type?.startsWith("python:")) copyModules(root, into);
}

/** What a job of a plan stands on beside its data: held-out predictions, and the models that its own contains. */
export function placePlanInputs(root: string, plan: PlanRun, into: string): void {
  const folders = plan.members.map((it) => it.modelDir);
  const missing = [...folders, ...(plan.heldOut === null ? [] : [plan.heldOut.path])].find(
    (name) => !existsSync(path.join(root, name)),
  );
  if (missing !== undefined) {
    throw new AppError({
      code: "runs/not-comparable",
      message: `The run stands on ${missing}, which is gone.`,
      hint: "Reproduce the runs whose models it contains, or train the plan anew.",
      next: [nextStep("routing.train", { fresh: true }, "trains it anew")],
      details: { missing },
    });
  }
  if (plan.heldOut !== null) copyInto(root, plan.heldOut.path, into);
  for (const folder of folders) cpSync(path.join(root, folder), path.join(into, folder), { recursive: true });
}

function refuseOtherProject({ config, paths }: Project, run: RunRow): void {
  const now = { task: config.task, target: config.target, positive_class: positiveClassOf(config) };
  for (const key of ["task", "target", "positive_class"] as const) {
    const recorded = run.params[key];
    // Regressions have no positive class, and runs of an older version didn't record it.
    if (recorded === now[key] || (key === "positive_class" && recorded === undefined)) continue;
    // The class that a run without a name for it was measured by may have been named since.
    if (key === "positive_class" && recorded === "default" && chosenClass(paths, run) === now[key]) continue;
    throw new AppError({
      code: "runs/not-comparable",
      message: `signalbox.yaml says ${key}: ${now[key]}; run #${run.number} was made with ${key}: ${recorded ?? "none"}.`,
      hint: "Restore signalbox.yaml as it was (git log -p -- signalbox.yaml), then reproduce the run.",
      details: { key, now: now[key], recorded },
    });
  }
}

/** Of a binary model's classes in their order, the positive one is the second. */
function chosenClass(paths: ProjectPaths, { runId }: RunRow): string | undefined {
  return readResults(path.join(paths.runs, runId)).evaluate?.sets[0]?.classes[1];
}

function refuseChanged(
  root: string,
  it: { readonly name: string; readonly digest: string | undefined; readonly run: RunRow },
): void {
  const { name, digest, run } = it;
  const isThere = existsSync(path.join(root, name));
  if (isThere && fileDigest(path.join(root, name)) === digest) return;
  throw new AppError({
    code: "configs/version-changed",
    message: `${name} ${isThere ? "is no longer what" : "is missing, which"} run #${run.number} used (sha256 ${digest?.slice(0, 12) ?? "unknown"}…).`,
    hint: "Check it out as that run's commit had it.",
    next: [programStep(["git", "log", "--oneline", "--", name], "shows when it changed")],
    details: { file: name, recorded: digest },
  });
}

/** Copies one file of the project, by reference where the file system can. `name` is project-relative. */
export function copyInto(root: string, name: string, into: string): void {
  const target = path.join(into, name);
  try {
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(path.join(root, name), target, constants.COPYFILE_FICLONE);
  } catch (error) {
    throw fileError(error, "copy", path.join(root, name));
  }
}

/** Modules of the person's own, for a `python:` model: every .py file but those of environments and hidden folders. */
function copyModules(root: string, into: string): void {
  const isForeign = (folder: string) =>
    path.basename(folder).startsWith(".") || existsSync(path.join(folder, "pyvenv.cfg"));
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    const source = path.join(root, entry.name);
    if (entry.isDirectory() && (isForeign(source) || entry.name === "data")) continue;
    cpSync(source, path.join(into, entry.name), {
      recursive: true,
      force: false,
      filter: (file) => (file.endsWith(".py") ? true : !/\.[^/]*$/.test(path.basename(file)) && !isForeign(file)),
    });
  }
}
