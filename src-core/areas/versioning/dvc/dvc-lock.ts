import * as z from "zod";
import { AppError } from "../../../contract/errors.ts";
import { compareCodePoints } from "../../../foundation/text/code-points.ts";
import { dvcScalar } from "../../../foundation/text/dvc-scalar.ts";
import { outListSchema, parseDvcYaml, readOut } from "./dvc-file.ts";
import type { Output } from "./output.ts";

const lockSchema = z.looseObject({
  schema: z.literal("2.0"),
  stages: z
    .record(
      z.string(),
      z.looseObject({
        cmd: z.union([z.string(), z.array(z.string())]),
        deps: outListSchema.optional(),
        params: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
        outs: outListSchema.optional(),
      }),
    )
    .nullish(),
});

export interface LockItem {
  readonly path: string;
  readonly md5: string;
  readonly size: number;
  readonly nfiles?: number;
  readonly isexec?: boolean;
}

type ParamValue = string | number | boolean;

export interface LockStage {
  readonly cmd: string;
  readonly deps?: readonly LockItem[];
  /** By file, then by key. */
  readonly params?: Readonly<Record<string, Readonly<Record<string, ParamValue>>>>;
  readonly outs?: readonly LockItem[];
}

/**
 * The outputs that the stages in a `dvc.lock` recorded.
 * @param file its path relative to the repository's root, POSIX
 * @throws versioning/invalid-file
 */
export function parseDvcLock(text: string, file: string): readonly Output[] {
  const parsed = lockSchema.safeParse(parseDvcYaml(text, file) ?? {});
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new AppError({
      code: "versioning/invalid-file",
      message: `${file} isn't a valid lock of schema 2.0: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}.`,
      hint: "Restore it from git, or rewrite it with `dvc repro`.",
      details: { file },
    });
  }
  const folder = file.includes("/") ? file.slice(0, file.lastIndexOf("/")) : ".";
  return Object.values(parsed.data.stages ?? {}).flatMap((stage) =>
    (stage.outs ?? []).map((raw) => readOut(raw, file, folder)),
  );
}

/** A `dvc.lock` of these stages: items sorted by path, keys in DVC's order. */
export function dvcLockText(stages: Readonly<Record<string, LockStage>>): string {
  const body = Object.entries(stages).map(([name, stage]) => {
    const lines = [`  ${keyText(name)}:\n`, entry(4, "cmd", stage.cmd)];
    if (stage.deps?.length) lines.push("    deps:\n", ...items(stage.deps));
    if (stage.params && Object.keys(stage.params).length > 0) lines.push("    params:\n", ...paramLines(stage.params));
    if (stage.outs?.length) lines.push("    outs:\n", ...items(stage.outs));
    return lines.join("");
  });
  return `schema: '2.0'\nstages:\n${body.join("")}`;
}

function items(list: readonly LockItem[]): readonly string[] {
  return list
    .toSorted((a, b) => compareCodePoints(a.path, b.path))
    .map((item) =>
      [
        `    - path:${dvcScalar(item.path, 11, 8)}\n`,
        entry(6, "hash", "md5"),
        entry(6, "md5", item.md5),
        entry(6, "size", item.size),
        ...(item.nfiles === undefined ? [] : [entry(6, "nfiles", item.nfiles)]),
        ...(item.isexec ? [entry(6, "isexec", true)] : []),
      ].join(""),
    );
}

function paramLines(params: Readonly<Record<string, Readonly<Record<string, ParamValue>>>>): readonly string[] {
  return Object.keys(params)
    .toSorted(compareCodePoints)
    .flatMap((file) => {
      const values = params[file] ?? {};
      const keys = Object.keys(values).toSorted(compareCodePoints);
      return [`      ${keyText(file)}:\n`, ...keys.map((key) => entry(8, key, values[key] ?? ""))];
    });
}

function entry(indent: number, key: string, value: ParamValue): string {
  const start = `${" ".repeat(indent)}${keyText(key)}:`;
  return `${start}${typeof value === "string" ? dvcScalar(value, start.length, indent + 2) : ` ${value}`}\n`;
}

function keyText(key: string): string {
  return dvcScalar(key, 0, 0).trimStart();
}
