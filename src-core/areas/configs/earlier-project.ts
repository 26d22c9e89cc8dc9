import path from "node:path";
import { askingStep, nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { NextStep } from "../../contract/next-step.ts";
import { projectFile } from "../../foundation/files/find-project.ts";
import { parseYaml } from "./read/parse-yaml.ts";
import { readBytes } from "./read/read-bytes.ts";
import { isMapping } from "./read/schema-walk.ts";

/** The Signalbox that wrote a version of `signalbox.yaml` which this one can't continue. */
const madeBy: ReadonlyMap<unknown, string> = new Map([[1, "0.1.0"]]);

type Mapping = Readonly<Record<string, unknown>>;

/**
 * The refusal of a project that an earlier version made, which read tables by other rules; undefined if `error`, from reading
 * `signalbox.yaml`, has another reason. Names the command that starts anew from the same table. Changes nothing.
 */
export function earlierProject(root: string, error: unknown): AppError | undefined {
  if (!(error instanceof AppError) || error.code !== "configs/unknown-schema-version") return undefined;
  const project = mappingOf(root, projectFile);
  const version = madeBy.get(project.version);
  if (version === undefined) return undefined;
  return new AppError({
    code: "projects/earlier-version",
    message: `The project ${root} was made with Signalbox ${version}, which read tables and assigned rows by other rules. This version can't continue it, and has changed nothing in it.`,
    hint: "Its runs, decisions and models stay as they are.",
    next: [startAnew(root, project)],
    details: { file: projectFile, madeBy: version },
  });
}

function startAnew(root: string, project: Mapping): NextStep {
  const { master, target } = project;
  const dir = `${root}-2`;
  const why = "starts anew from the same table";
  if (typeof master !== "string" || typeof target !== "string")
    return askingStep("projects.init", { input: { dir }, asks: ["table", "target"] }, why);
  const decided = { target, ...decisionsOf(root) };
  // A glob isn't one table.
  if (/[*?[\]{}]/.test(master))
    return askingStep("projects.init", { input: { dir, ...decided }, asks: ["table"] }, why);
  return nextStep("projects.init", { dir, table: path.join(root, master), ...decided }, why);
}

/** Key, group and time as the project's active versions have them; without those that can't be read. */
function decisionsOf(root: string): { key?: string[]; group?: string[]; time?: string } {
  const active = mappingOf(root, "configs/active.yaml");
  const contract = mappingOf(root, `configs/data_contracts/v${String(active.data_contract_version)}.yaml`);
  const split = mappingOf(root, `configs/splits/v${String(active.split_version)}.yaml`);
  const [key, group] = [textsOf(contract.primary_key), textsOf(split.group)];
  return {
    ...(key === undefined ? {} : { key }),
    ...(group === undefined ? {} : { group }),
    ...(typeof split.column === "string" ? { time: split.column } : {}),
  };
}

function textsOf(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.length > 0 && value.every((it) => typeof it === "string") ? value : undefined;
}

/** What a file holds; nothing where it can't be read: the refusal must not fail for it. */
function mappingOf(root: string, file: string): Mapping {
  try {
    const { value } = parseYaml(readBytes(path.join(root, file), file), file);
    return isMapping(value) ? value : {};
  } catch {
    return {};
  }
}
