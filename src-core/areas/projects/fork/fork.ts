import { existsSync, readdirSync } from "node:fs";
import { nextStep, programStep } from "../../../contract/build-step.ts";
import { commandLines } from "../../../contract/command-text.ts";
import { type ProjectConfig, projectConfigSchema } from "../../../contract/configs/project-config.ts";
import { AppError } from "../../../contract/errors.ts";
import type { OperationOutput } from "../../../contract/index.ts";
import type { NextStep } from "../../../contract/next-step.ts";
import type { Core } from "../../../foundation/context.ts";
import { runGit } from "../../../foundation/exec/git.ts";
import { readText, writeFileDurable } from "../../../foundation/files/durable.ts";
import { projectFile } from "../../../foundation/files/find-project.ts";
import { type ProjectPaths, projectPaths } from "../../../foundation/files/paths.ts";
import { isLocked } from "../../../foundation/locks/process-lock.ts";
import { type ParsedYaml, parseYaml } from "../../configs/read/parse-yaml.ts";
import { problemError } from "../../configs/read/problems.ts";
import { schemaProblems } from "../../configs/read/schema-problems.ts";
import { isMapping } from "../../configs/read/schema-walk.ts";
import { serverNamesOf } from "../../configs/server-names.ts";
import { setYaml } from "../../configs/write/set-yaml.ts";
import { activeOperations } from "../../operations/active-store.ts";
import type { ProjectsCore } from "../needs.ts";
import { projectNameOf } from "../project-name.ts";

type Forked = OperationOutput<"projects.fork">;

/**
 * Gives the project another id and other names in `signalbox.yaml`, and changes nothing else: its next run finds nobody's experiment and
 * model. A project without an id gets one and keeps its names, because no server knows it.
 * @throws projects/not-found, projects/earlier-version, projects/invalid, runs/active, configs/*
 */
export async function forkProject(
  core: ProjectsCore,
  asked: { readonly name?: string | undefined },
  drawId: () => string,
): Promise<Forked> {
  const paths = projectPaths(core.projectDir);
  refuseMissing(paths);
  core.configs.refuseEarlierProject();
  refuseRunning(core, paths);
  const text = readText(paths.configFile);
  const old = readOld(text);
  const id = drawId();
  if (asked.name === old.name && old.id !== null) throw sameName(old.name);
  const name = asked.name ?? (old.id === null ? old.name : await nextName(core, { old, id }));
  if (asked.name !== undefined && (await isTaken(core, name))) throw takenName(name);
  const edited = setYaml(text, [
    { path: ["id"], value: id, after: "name" },
    ...(name === old.name ? [] : nameChanges(old.tracking, name)),
  ]);
  const config = checked(parseYaml(Buffer.from(edited), projectFile));
  const actions = [nextStep("runs.start", {}, "trains and decides under these names"), ...wayBack(core, paths)];
  const { declaredForm } = await import("../../../contract/declared-forms.ts");
  writeFileDurable(paths.configFile, edited);
  return {
    dir: paths.root,
    file: projectFile,
    before: { id: old.id, name: old.name, ...serverNamesOf({ name: old.name, tracking: old.tracking }) },
    after: { id, name: config.name, ...serverNamesOf(config) },
    ...consequences(paths, config),
    actions,
    next: [...commandLines(actions, declaredForm)],
  };
}

function refuseMissing({ root, configFile }: ProjectPaths): void {
  if (existsSync(configFile)) return;
  throw new AppError({
    code: "projects/not-found",
    message: `There is no project in ${root}: neither it nor a folder above it has a ${projectFile}.`,
    hint: "Change to the folder of the project, or name it.",
    details: { dir: root },
  });
}

/** A run keeps the names that it began with, so its decision would be about a model of the other project. */
function refuseRunning(core: ProjectsCore, paths: ProjectPaths): void {
  if (!existsSync(paths.catalogueFile)) return;
  const [operation] = isLocked(paths.supervisorLock) ? activeOperations(core.catalogue()) : [];
  const run = runsIn(paths).find((runId) => core.runs.isExecuted(runId));
  if (operation === undefined && run === undefined) return;
  const what = run === undefined ? `Operation ${operation?.id} (${operation?.operation})` : `Run ${run.slice(0, 8)}`;
  throw new AppError({
    code: "runs/active",
    message: `${what} is running in this project, under its present names.`,
    hint: "Wait until it has ended, or cancel it.",
    next: [nextStep("operations.list", { active: true }, "shows what is running")],
    details: { operation: operation?.id ?? null, runId: run ?? null },
  });
}

function runsIn({ runs }: ProjectPaths): readonly string[] {
  return existsSync(runs) ? readdirSync(runs) : [];
}

interface Old {
  readonly id: string | null;
  readonly name: string;
  readonly tracking: ProjectConfig["tracking"];
}

/** Reads the file as if it had an id: everything else must be valid. @throws configs/* */
function readOld(text: string): Old {
  const parsed = parseYaml(Buffer.from(text), projectFile);
  const id = isMapping(parsed.value) ? parsed.value.id : undefined;
  const { name, tracking } = checked({ ...parsed, value: withAnyId(parsed.value) });
  return { id: typeof id === "string" ? id : null, name, tracking };
}

function withAnyId(value: unknown): unknown {
  return isMapping(value) ? { ...value, id: "0".repeat(32) } : value;
}

function checked(parsed: ParsedYaml): ProjectConfig {
  const result = projectConfigSchema.safeParse(parsed.value);
  if (result.success) return result.data;
  throw problemError(schemaProblems(projectConfigSchema, parsed, result.error.issues), { file: projectFile });
}

/** The folder's name; where the project or another one on its server is called so, with the beginning of the id. */
async function nextName(core: ProjectsCore, { old, id }: { readonly old: Old; readonly id: string }): Promise<string> {
  const name = projectNameOf(projectPaths(core.projectDir).root);
  const isOther = name !== old.name && !(await isTaken(core, name));
  return isOther ? name : `${name}-${id.slice(0, 4)}`;
}

/** Asks only a server that is up: without one, the first run is refused where the names are another's. */
async function isTaken(core: ProjectsCore, name: string): Promise<boolean> {
  try {
    const server = await core.tracking({ isOnlyAsked: true });
    return await core.ownership.areTaken(server, serverNamesOf({ name, tracking: undefined }));
  } catch {
    return false;
  }
}

function takenName(name: string): AppError {
  const { experiment, registeredModel } = serverNamesOf({ name, tracking: undefined });
  return new AppError({
    code: "projects/invalid",
    message: `The server has ${experiment} or ${registeredModel} already: under '${name}', this project's runs would be refused.`,
    hint: "Choose another name, or none: then one is taken that is free.",
    details: { name },
  });
}

function nameChanges(tracking: Old["tracking"], name: string) {
  const { experiment, registeredModel } = serverNamesOf({ name, tracking: undefined });
  return [
    { path: ["name"] as const, value: name },
    ...(tracking?.experiment === undefined ? [] : [{ path: ["tracking", "experiment"] as const, value: experiment }]),
    ...(tracking?.registered_model === undefined
      ? []
      : [{ path: ["tracking", "registered_model"] as const, value: registeredModel }]),
  ];
}

function sameName(name: string): AppError {
  return new AppError({
    code: "projects/invalid",
    message: `The project is already called '${name}': under that name, its experiment and its model would be the other project's.`,
    hint: "Choose another name, or none: then the folder's name is taken.",
    details: { name },
  });
}

function consequences({ ledgerFile }: ProjectPaths, { tracking }: ProjectConfig): Pick<Forked, "shared" | "own"> {
  return {
    shared: [
      "the table, the frozen reference tests and the versions of the configuration, as they are now",
      "the history in git, the DVC cache and its remote",
      ...(existsSync(ledgerFile) ? ["the entries of the ledger so far, and the runs that they are about"] : []),
      ...(tracking?.uri === undefined ? [] : [`the MLflow server ${tracking.uri}`]),
    ],
    own: [
      "experiment and registered model: production begins with the first promotion under the new name",
      "runs and entries of the ledger from now on; runs from before can't be resumed, registered or promoted here",
    ],
  };
}

/** Git brings the old names back if nothing else was changed in the file. */
function wayBack({ env }: Pick<Core, "env">, { root }: ProjectPaths): readonly NextStep[] {
  const git = (...args: string[]) => runGit({ folder: root, args, env });
  try {
    if (git("ls-files", "--error-unmatch", "--", projectFile).status !== 0) return [];
    const status = git("status", "--porcelain", "--", projectFile);
    if (status.status !== 0 || status.stdout !== "") return [];
  } catch {
    return [];
  }
  return [programStep(["git", "-C", root, "checkout", "--", projectFile], "goes back to the old id and names")];
}
