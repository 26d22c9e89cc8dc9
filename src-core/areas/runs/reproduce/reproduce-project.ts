import { constants, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { nextStep, programStep } from "../../../contract/build-step.ts";
import { type ConfigKind, configKinds, keptPath, versionPath } from "../../../contract/configs/config-kinds.ts";
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
 * Writes the configuration of a run into a scratch project: the versions it used, checked against the logged digests, and an active.yaml with
 * them. The gate is the one of its decision, even if promotion.yaml has changed since.
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
    const name = versionPath(kind, version);
    const digest = run.params[`${kind}_config_digest`];
    const source = [name, keptPath(kind, version)].find((file) => hasDigest(path.join(root, file), digest));
    if (source === undefined) throw changed(root, { name, digest, run });
    copyInto(root, name, into, source);
  }
  const active = kinds.map((kind) => `${configKinds[kind].key}: ${run.params[configKinds[kind].key]}\n`);
  const to = projectPaths(into);
  writeFileDurable(to.activeFile, `version: 1\n${active.join("")}`);
  // JSON is YAML, so the ledger's copy of the gate can be used as the file.
  const gate = planRun?.promotion ?? projectGate;
  if (decided === undefined) copyInto(root, gate, into);
  else writeJsonDurable(path.join(into, gate), decided.gate);
  // The shared split of a plan's jobs is resolved with the gate of the project, whatever gate the job's target has.
  if (gate !== projectGate) copyInto(root, projectGate, into);
  if (existsSync(path.join(root, ".dvcignore"))) copyInto(root, ".dvcignore", into);
  if (run.params.model_type?.startsWith("python:")) copyModules(root, into);
}

/** Copies what a job of a plan needs besides its data: held-out predictions, and the models inside its own. */
export function placePlanInputs(root: string, plan: PlanRun, into: string): void {
  const folders = plan.members.map((it) => it.modelDir);
  const missing = [...folders, ...(plan.heldOut === null ? [] : [plan.heldOut.path])].find(
    (name) => !existsSync(path.join(root, name)),
  );
  if (missing !== undefined) {
    throw new AppError({
      code: "runs/not-comparable",
      message: `The run needs ${missing}, which no longer exists.`,
      hint: "Reproduce the runs whose models it contains, or train the plan again.",
      next: [nextStep("routing.train", { fresh: true }, "trains it again")],
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
    // Regressions have no positive class, and older versions didn't record it.
    if (recorded === now[key] || (key === "positive_class" && recorded === undefined)) continue;
    // If a run used the default class, the project may have named that class since.
    if (key === "positive_class" && recorded === "default" && chosenClass(paths, run) === now[key]) continue;
    throw new AppError({
      code: "runs/not-comparable",
      message: `signalbox.yaml has ${key}: ${now[key]}, but run #${run.number} was made with ${key}: ${recorded ?? "none"}.`,
      hint: "Restore the earlier signalbox.yaml (git log -p -- signalbox.yaml), then reproduce the run.",
      details: { key, now: now[key], recorded },
    });
  }
}

/** The positive class of a binary model is the second one in order. */
function chosenClass(paths: ProjectPaths, { runId }: RunRow): string | undefined {
  return readResults(path.join(paths.runs, runId)).evaluate?.sets[0]?.classes[1];
}

function hasDigest(file: string, digest: string | undefined): boolean {
  return existsSync(file) && fileDigest(file) === digest;
}

function changed(
  root: string,
  { name, digest, run }: { readonly name: string; readonly digest: string | undefined; readonly run: RunRow },
): AppError {
  const isThere = existsSync(path.join(root, name));
  return new AppError({
    code: "configs/version-changed",
    message: `${name} ${isThere ? "differs from the file that" : "is missing, which"} run #${run.number} used (sha256 ${digest?.slice(0, 12) ?? "unknown"}…), and its content isn't kept in configs/frozen.`,
    hint: "Check out the file from the commit of that run.",
    next: [programStep(["git", "-C", root, "log", "--oneline", "--", name], "shows when it changed")],
    details: { file: name, recorded: digest },
  });
}

/** Copies a file of the project, by reference if the file system can. `name` and `source` are relative to the project. */
export function copyInto(root: string, name: string, into: string, source = name): void {
  const target = path.join(into, name);
  try {
    mkdirSync(path.dirname(target), { recursive: true });
    copyFileSync(path.join(root, source), target, constants.COPYFILE_FICLONE);
  } catch (error) {
    throw fileError(error, "copy", path.join(root, source));
  }
}

/** Copies the user's modules for a `python:` model: all .py files except those in environments and hidden folders. */
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
