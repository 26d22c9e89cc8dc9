import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { nextStep, programStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import { readText } from "../../../foundation/files/durable.ts";
import { parseDvcFile } from "../dvc/dvc-file.ts";
import type { Output } from "../dvc/output.ts";
import { refuseOverlap } from "../dvc/outputs.ts";
import { isGitIgnored, isGitTracked } from "../git.ts";
import { refuseIgnored } from "../init-dvc.ts";
import type { Repository } from "../repository.ts";

export interface AddableContext {
  readonly recorded: Output | undefined;
  readonly dvcFile: string;
  readonly outputs: readonly Output[];
}

/**
 * Refuses what DVC refuses to add, before anything is written.
 * @throws files/not-found, versioning/inside-ignored, versioning/overlap, versioning/tracked-by-git
 */
export function checkAddable(repository: Repository, target: string, context: AddableContext): void {
  const { recorded, dvcFile, outputs } = context;
  const file = path.join(repository.root, target);
  if (!existsSync(file)) {
    throw new AppError({
      code: "files/not-found",
      message: `${target} doesn't exist.`,
      ...(recorded
        ? { next: [nextStep("data.checkout", { paths: [target] }, "restores it")] }
        : { hint: "Check the path." }),
      details: { file },
    });
  }
  if (repository.ignore.ignores(target, statSync(file).isDirectory())) {
    throw new AppError({
      code: "versioning/inside-ignored",
      message: `${target} is excluded by .dvcignore.`,
      hint: "Change the pattern in .dvcignore, or leave the path unversioned.",
      details: { path: target },
    });
  }
  refuseOverlap(outputs, target);
  if (recorded && !recorded.dvcFile.endsWith(".dvc")) {
    throw new AppError({
      code: "versioning/overlap",
      message: `${target} is the output of a stage that ${recorded.dvcFile} records.`,
      hint: "Its stage writes it. Add other data, or remove the output from dvc.yaml.",
      details: { path: target, dvcFile: recorded.dvcFile },
    });
  }
  const record = path.join(repository.root, dvcFile);
  if (existsSync(record) && parseDvcFile(readText(record), dvcFile).hasDependencies) {
    throw new AppError({
      code: "versioning/overlap",
      message: `${target} is an import recorded by ${dvcFile}.`,
      hint: "Update it with `dvc update`, or delete the .dvc file to own the data here.",
      details: { path: target, dvcFile },
    });
  }
  if (repository.gitRoot === null) return;
  refuseIgnored(repository.gitRoot, repository.root, repository.env);
  if (isGitTracked(repository.gitRoot, file, repository.env)) {
    throw new AppError({
      code: "versioning/tracked-by-git",
      message: `${target} is tracked by git; data is tracked either by git or by DVC.`,
      hint: "Stop tracking it with git; the file is kept.",
      next: [
        programStep(["git", "-C", repository.root, "rm", "-r", "--cached", target], "removes it from git's index"),
        programStep(["git", "-C", repository.root, "commit", "-m", `Stop tracking ${target}`], "records that"),
      ],
      details: { path: target },
    });
  }
  if (isGitIgnored(repository.gitRoot, path.join(repository.root, dvcFile), repository.env)) {
    throw new AppError({
      code: "versioning/inside-ignored",
      message: `git ignores ${dvcFile}, so the record of ${target} would never be committed.`,
      hint: `Make the pattern in .gitignore match only the data; \`git check-ignore -v ${dvcFile}\` shows which pattern it is.`,
      details: { path: target, dvcFile },
    });
  }
}
