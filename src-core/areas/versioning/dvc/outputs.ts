import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import { fileError, readText } from "../../../foundation/files/durable.ts";
import { compareCodePoints } from "../../../foundation/text/code-points.ts";
import type { Repository } from "../repository.ts";
import { parseDvcFile } from "./dvc-file.ts";
import { parseDvcLock } from "./dvc-lock.ts";
import type { Output } from "./output.ts";

/**
 * Every output that a `.dvc` file or `dvc.lock` below the repository's root records, by path. Doesn't search versioned
 * folders, what `.dvcignore` excludes, and repositories inside this one.
 */
export function listOutputs(repository: Repository): readonly Output[] {
  const found: Output[] = [];
  const folders = [""];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const here = entriesOf(path.join(repository.root, folder));
    const inFolder = (name: string) => (folder === "" ? name : `${folder}/${name}`);
    for (const { name, isFolder } of here) {
      const file = inFolder(name);
      if (isFolder || repository.ignore.ignores(file, false)) continue;
      if (name.endsWith(".dvc") && name !== ".dvc")
        found.push(...parseDvcFile(readText(path.join(repository.root, file)), file).outs);
      else if (name === "dvc.lock") found.push(...parseDvcLock(readText(path.join(repository.root, file)), file));
    }
    const versioned = new Set(found.map((output) => output.path));
    for (const { name, isFolder } of here) {
      const inner = inFolder(name);
      if (!isFolder || name === ".git" || name === ".dvc" || inner === ".signalbox") continue;
      if (versioned.has(inner) || repository.ignore.ignores(inner, true)) continue;
      if (!existsSync(path.join(repository.root, inner, ".dvc"))) folders.push(inner);
    }
  }
  return found.toSorted((a, b) => compareCodePoints(a.path, b.path));
}

function entriesOf(folder: string): readonly { readonly name: string; readonly isFolder: boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      isFolder: entry.isDirectory(),
    }));
  } catch (error) {
    throw fileError(error, "read", folder);
  }
}

/**
 * Converts a path given by the user (absolute, or relative to `from`) to the repository's form.
 * @throws versioning/overlap for the root itself or a path outside
 */
export function repositoryPath(repository: Repository, given: string, from: string): string {
  const relative = path.relative(repository.root, path.resolve(from, given)).split(path.sep).join("/");
  if (relative !== "" && relative !== ".." && !relative.startsWith("../") && !/^\.(dvc|git)(\/|$)/.test(relative))
    return relative;
  throw new AppError({
    code: "versioning/overlap",
    message: `${given} can't be versioned: it isn't a file or folder of data below ${repository.root}.`,
    hint: "Name a file or folder inside the project.",
    details: { path: given, root: repository.root },
  });
}

/** Outputs at or below the given paths; all outputs if no path is given. @throws versioning/not-tracked */
export function selectOutputs(outputs: readonly Output[], paths: readonly string[]): readonly Output[] {
  if (paths.length === 0) return outputs;
  for (const wanted of paths) {
    if (outputs.some((output) => isAt(output, wanted))) continue;
    throw new AppError({
      code: "versioning/not-tracked",
      message: `${wanted} isn't under version control: no .dvc file records it.`,
      next: [
        nextStep("data.add", { paths: [wanted] }, "adds it"),
        nextStep("data.status", {}, "lists what is recorded"),
      ],
      details: { path: wanted },
    });
  }
  return outputs.filter((output) => paths.some((wanted) => isAt(output, wanted)));
}

function isAt(output: Output, wanted: string): boolean {
  return output.path === wanted || output.dvcFile === wanted || output.path.startsWith(`${wanted}/`);
}

/** @throws versioning/overlap if the path is inside a recorded output or contains one */
export function refuseOverlap(outputs: readonly Output[], wanted: string): void {
  for (const output of outputs) {
    const isInside = wanted.startsWith(`${output.path}/`);
    const isAround = output.path.startsWith(`${wanted}/`);
    if (!isInside && !isAround) continue;
    throw new AppError({
      code: "versioning/overlap",
      message: `${wanted} can't be added: it ${isInside ? "is inside" : "contains"} ${output.path}, which ${output.dvcFile} records.`,
      hint: isInside
        ? `Add ${output.path} again to version the change.`
        : `Delete ${output.dvcFile} first to version ${wanted} as a whole.`,
      details: { path: wanted, output: output.path, dvcFile: output.dvcFile },
    });
  }
}
