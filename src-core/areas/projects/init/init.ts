import { existsSync, type Stats, statSync } from "node:fs";
import path from "node:path";
import type * as z from "zod";
import { askingStep, nextStep, programStep } from "../../../contract/build-step.ts";
import { commandLines } from "../../../contract/command-text.ts";
import { AppError, type AppErrorInit } from "../../../contract/errors.ts";
import type { NextStep } from "../../../contract/next-step.ts";
import type { InputOf, OperationContext, ParsedInputOf } from "../../../contract/operation.ts";
import type { projectsOperations } from "../../../contract/projects.ts";
import type { Environment, Project } from "../../../foundation/context.ts";
import { openDuck } from "../../../foundation/duck/open.ts";
import { tableKind } from "../../../foundation/duck/table.ts";
import { fileError, readText, writeFileDurable } from "../../../foundation/files/durable.ts";
import { projectPaths } from "../../../foundation/files/paths.ts";
import { readResource } from "../../../foundation/files/resources.ts";
import { temporaryFolder } from "../../../foundation/files/scratch.ts";
import { setYaml } from "../../configs/write/set-yaml.ts";
import { projectNameOf } from "../project-name.ts";
import {
  copyFile,
  filesBelow,
  makeStaging,
  moveIntoPlace,
  refuseOccupied,
  removePlaced,
  writeFiles,
} from "./place-project.ts";
import { initRepository, repositoryMode, stageAndCommit } from "./project-git.ts";
import { decisionsOf, proposeProject } from "./propose.ts";
import { type Proposal, renderProject } from "./render.ts";
import { copySample } from "./sample.ts";

type InitOperation = (typeof projectsOperations)["projects.init"];
type InitInput = ParsedInputOf<InitOperation>;
export type InitResult = z.output<InitOperation["output"]>;
export type InitRequest = InputOf<InitOperation>;

interface InitTools {
  readonly env: Environment;
  /** The folder that relative paths start from, and that paths are shown from. */
  readonly cwd: string;
  /** Creates `.dvc/` as dvc does. */
  readonly initDvc: (
    root: string,
    options: { readonly isNoScm: boolean; readonly env: Environment },
  ) => readonly string[];
  /** Draws the id of a new project. */
  readonly drawId: () => string;
  /** Reads the assembled project and resolves its versions, which proves that a run can use it. @throws configs/* */
  readonly proveProject: (root: string) => Project;
}

/**
 * Creates a project. It is assembled in a private folder and proved there by resolving it; only then is it moved to its
 * place. A killed or refused init leaves nothing under the requested name.
 */
export async function initProject(input: InitInput, tools: InitTools, context: OperationContext): Promise<InitResult> {
  const dir = path.resolve(tools.cwd, input.dir);
  refuseOccupied(dir);
  const plan = planOf(input);
  const mode = repositoryMode(dir, { isGit: input.git, env: tools.env });
  const { staging, remove } = makeStaging(dir);
  try {
    const proposal =
      plan.kind === "table" ? await fillFromTable(staging, { ...plan, dir, input }, { tools, context }) : null;
    if (plan.kind === "sample") {
      copySample(plan.sample, staging);
      drawNewId(staging, tools);
      writeMissing(staging, { ".gitignore": template("gitignore") });
    }
    const project = tools.proveProject(staging);
    writeMissing(staging, { ...masterIgnored(project.config.master), ".gitattributes": template("gitattributes") });
    // Data is kept by DVC alone. The first run versions the table; git must not track it before that.
    const master = path.posix.parse(project.config.master);
    writeMissing(staging, { [path.posix.join(master.dir, ".gitignore")]: `/${master.base}\n` });
    if (mode === "own repository" && !existsSync(path.join(dir, ".git"))) initRepository(staging, tools.env);
    if (mode !== "existing repository") tools.initDvc(staging, { isNoScm: mode === "none", env: tools.env });
    const files = filesBelow(staging);
    const git = place(staging, dir, { mode, name: project.config.name, tools });
    const actions = nextActions(dir, { cwd: tools.cwd, isRouted: project.config.targets !== undefined });
    const { declaredForm } = await import("../../../contract/declared-forms.ts");
    return {
      dir,
      name: project.config.name,
      rows: proposal?.rows ?? null,
      decisions: proposal ? [...decisionsOf(proposal)] : [],
      warnings: proposal ? [...proposal.warnings] : [],
      leftOut: proposal ? [...proposal.features.leftOut] : [],
      files: [...files],
      git,
      actions,
      next: [...commandLines(actions, declaredForm)],
    };
  } finally {
    remove();
  }
}

type Plan =
  | { readonly kind: "sample"; readonly sample: string }
  | { readonly kind: "table"; readonly table: string; readonly target: string };

function planOf(input: InitInput): Plan {
  const usage = (message: string, advice: Pick<AppErrorInit, "hint" | "next">) =>
    new AppError({ code: "projects/invalid", message, ...advice });
  const { dir } = input;
  const ways = [
    askingStep("projects.init", { input: { dir }, asks: ["table", "target"] }, "creates it from a table"),
    nextStep("projects.init", { dir, sample: "flights" }, "unpacks a sample"),
  ];
  if (input.sample !== undefined) {
    const tableOptions = [
      "table",
      "target",
      "key",
      "group",
      "time",
      "task",
      "targetMarkers",
      "positive",
      "name",
    ] as const;
    const given = tableOptions.filter((option) => input[option] !== undefined);
    if (given.length > 0) {
      throw usage(
        `--sample can't be combined with ${given.map((one) => `--${one.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`).join(", ")}.`,
        {
          hint: "A sample has its own.",
        },
      );
    }
    return { kind: "sample", sample: input.sample };
  }
  if (input.table === undefined)
    throw usage("What should the project be created from? Neither a table nor a sample is given.", { next: ways });
  if (input.target === undefined) throw usage("Which column should be predicted? --target is missing.", { next: ways });
  return { kind: "table", table: input.table, target: input.target };
}

async function fillFromTable(
  staging: string,
  request: { readonly table: string; readonly target: string; readonly dir: string; readonly input: InitInput },
  { tools, context }: { readonly tools: InitTools; readonly context: OperationContext },
): Promise<Proposal> {
  const { input, target } = request;
  const table = path.resolve(tools.cwd, request.table);
  const shownTable = shownPath(table, tools.cwd);
  requireFile(table, shownTable);
  const master = `data/master${masterExtension(table)}`;
  const duck = await openDuck({
    // Not just the name of the staging folder: a project created in the temporary folder would be DuckDB's to delete.
    tempDirectory: path.join(temporaryFolder(), `${path.basename(staging)}-duck`),
    signal: context.signal,
    files: [table],
  });
  const before = statSync(table);
  try {
    context.report({ stage: "read", message: `reading ${shownTable}` });
    const proposal = await proposeProject(duck, {
      table,
      shownTable,
      name: input.name ?? projectNameOf(request.dir),
      master,
      target,
      key: input.key,
      group: input.group ?? [],
      time: input.time ?? null,
      task: input.task,
      targetMarkers: input.targetMarkers,
      positive: input.positive,
      acceptDuplicates: input.acceptDuplicates,
    });
    writeFiles(staging, renderProject({ ...proposal, id: tools.drawId() }, template));
    copyFile(table, path.join(staging, master));
    refuseChanged(before, { table, shownTable });
    return proposal;
  } catch (error) {
    throw tableError(error);
  } finally {
    duck.close();
  }
}

/** What was proposed must be of the rows that were copied. */
function refuseChanged(
  before: Stats,
  { table, shownTable }: { readonly table: string; readonly shownTable: string },
): void {
  const after = statSync(table);
  if (after.size === before.size && after.mtimeMs === before.mtimeMs && after.ino === before.ino) return;
  throw new AppError({
    code: "projects/table-unreadable",
    message: `${shownTable} was changed while it was read.`,
    hint: "Wait until its writer is done, then run the command again.",
    details: { file: table },
  });
}

function requireFile(table: string, shown: string): void {
  let isFile: boolean;
  try {
    isFile = statSync(table).isFile();
  } catch (error) {
    throw fileError(error, "read", table);
  }
  if (isFile) return;
  throw new AppError({
    code: "projects/invalid",
    message: `${shown} is not a file.`,
    hint: "Name one Parquet, CSV or JSONL file.",
    details: { file: table },
  });
}

/** The file keeps its format: `.csv`, `.csv.gz`, `.parquet`. */
function masterExtension(table: string): string {
  try {
    tableKind(table);
  } catch (error) {
    throw tableError(error);
  }
  return (/\.[a-z]+(\.gz)?$/i.exec(path.basename(table))?.[0] ?? "").toLowerCase();
}

/** Rewords errors about a project's master table for a table that isn't one yet. */
function tableError(error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== "splits/master-unreadable") return error;
  // Nothing can be restored from a project's data here: there is no project yet.
  const isRestorable = error.next?.some((step) => "operation" in step && step.operation === "data.checkout") === true;
  return new AppError({
    code: "projects/table-unreadable",
    message: error.message,
    hint: isRestorable ? "Get the file again, or write it again." : error.hint,
    details: error.details,
    cause: error,
  });
}

function template(name: string): string {
  return readResource(`templates/${name}`).toString("utf8");
}

/** As `dvc add` writes it: DVC versions the table, and git must not track it before that. */
function masterIgnored(master: string): Readonly<Record<string, string>> {
  const { dir, base } = path.posix.parse(master);
  return /[*?[\]{}]/.test(master) ? {} : { [path.posix.join(dir, ".gitignore")]: `/${base}\n` };
}

/** A project made of a sample is its own, not the same as every other one made of it. */
function drawNewId(staging: string, { drawId }: Pick<InitTools, "drawId">): void {
  const { configFile } = projectPaths(staging);
  writeFileDurable(configFile, setYaml(readText(configFile), [{ path: ["id"], value: drawId(), after: "name" }]));
}

function writeMissing(folder: string, files: Readonly<Record<string, string>>): void {
  writeFiles(
    folder,
    Object.fromEntries(Object.entries(files).filter(([name]) => !existsSync(path.join(folder, name)))),
  );
}

function place(
  staging: string,
  dir: string,
  {
    mode,
    name,
    tools,
  }: { readonly mode: ReturnType<typeof repositoryMode>; readonly name: string; readonly tools: InitTools },
): InitResult["git"] {
  const isFolderNew = !existsSync(dir);
  const names = filesBelow(staging).map((file) => file.split("/")[0] ?? file);
  moveIntoPlace(staging, dir);
  try {
    // Inside another repository, its ignore rules for the final place apply.
    if (mode === "existing repository") tools.initDvc(dir, { isNoScm: false, env: tools.env });
    const { actions, ...outcome } = stageAndCommit(dir, { mode, name, env: tools.env });
    return { ...outcome, actions: [...actions] };
  } catch (error) {
    removePlaced(dir, { names: [...new Set([...names, ".dvc", ".dvcignore"])], isFolderNew });
    throw error;
  }
}

/** As a person in that folder would write it: relative where it is below. */
function shownPath(file: string, cwd: string): string {
  const relative = path.relative(cwd, file);
  return relative.startsWith("..") || path.isAbsolute(relative) ? file : relative;
}

function nextActions(dir: string, { cwd, isRouted }: { readonly cwd: string; readonly isRouted: boolean }): NextStep[] {
  return [
    ...(dir === cwd ? [] : [programStep(["cd", shownPath(dir, cwd)], "enters the project")]),
    nextStep("runs.start", { dryRun: true }, "shows what would run"),
    nextStep("runs.start", {}, "runs the pipeline"),
    ...(isRouted
      ? [nextStep("routing.run", {}, "measures every target and segment, and trains what is worth it")]
      : []),
  ];
}
