import path from "node:path";
import { isMap, isScalar, isSeq, parseDocument, type YAMLMap } from "yaml";
import * as z from "zod";
import { AppError } from "../../../contract/errors.ts";
import { dvcScalar } from "../../../foundation/text/dvc-scalar.ts";
import type { ContentFact, Output } from "./output.ts";

const outSchema = z.looseObject({
  path: z.string().min(1),
  md5: z.string().nullish(),
  hash: z.string().optional(),
  size: z.number().nullish(),
  nfiles: z.number().nullish(),
  isexec: z.boolean().nullish(),
  cache: z.boolean().optional(),
  push: z.boolean().optional(),
  remote: z.string().nullish(),
});

const fileSchema = z.looseObject({ outs: z.array(outSchema).nullish(), wdir: z.string().nullish() });

export interface DvcFile {
  readonly outs: readonly Output[];
  /** An import, or a file that is its own stage: its outputs come from elsewhere and can't be added. */
  readonly hasDependencies: boolean;
}

function invalid(file: string, reason: string): AppError {
  return new AppError({
    code: "versioning/invalid-file",
    message: `${file} isn't a valid DVC file: ${reason}.`,
    hint: "Restore it from git, or delete it and add the data again.",
    details: { file },
  });
}

/** Values of a YAML file; strings that look like numbers (an md5 of digits) stay strings under `md5` and `path`. */
export function parseDvcYaml(text: string, file: string): unknown {
  const document = parseDocument(text, { uniqueKeys: true });
  const problem = document.errors[0];
  if (problem) throw invalid(file, problem.message.split("\n")[0] ?? "not YAML");
  const textKeys = new Set(["md5", "path", "desc", "remote", "cmd", "hash"]);
  const visit = (node: unknown): void => {
    if (isSeq(node)) for (const item of node.items) visit(item);
    if (!isMap(node)) return;
    for (const pair of node.items) {
      const { key, value } = pair;
      if (isScalar(key) && textKeys.has(String(key.value)) && isScalar(value) && typeof value.value === "number")
        value.value = value.source ?? String(value.value);
      visit(value);
    }
  };
  visit(document.contents);
  return document.toJS({ maxAliasCount: 100 });
}

/** One recorded output. Its path starts from `folder`, relative to the root. */
export function readOut(raw: z.output<typeof outSchema>, dvcFile: string, folder: string): Output {
  return {
    path: path.posix.normalize(path.posix.join(folder, raw.path)),
    dvcFile,
    hashName: raw.hash === undefined ? "md5-dos2unix" : "md5",
    hash: raw.md5 ? raw.md5.toLowerCase() : null,
    sizeBytes: raw.size ?? null,
    files: raw.nfiles ?? null,
    isExecutable: raw.isexec ?? false,
    isCached: raw.cache ?? true,
    canPush: raw.push ?? true,
    remote: raw.remote ?? null,
  };
}

/**
 * Reads a `.dvc` file; an entry without `hash: md5` is from DVC 2.x.
 * @param file its path relative to the repository's root, POSIX
 * @throws versioning/invalid-file
 */
export function parseDvcFile(text: string, file: string): DvcFile {
  const parsed = fileSchema.safeParse(parseDvcYaml(text, file) ?? {});
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalid(file, `${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}`.trim());
  }
  const folder = path.posix.join(path.posix.dirname(file), parsed.data.wdir ?? ".");
  const outs = (parsed.data.outs ?? []).map((raw) => readOut(raw, file, folder));
  for (const out of outs) checkInside(out, file);
  return { outs, hasDependencies: "deps" in parsed.data || "cmd" in parsed.data };
}

export const outListSchema = z.array(outSchema);

function checkInside(out: Output, file: string): void {
  if (out.path === ".." || out.path.startsWith("../") || path.posix.isAbsolute(out.path))
    throw invalid(file, `its output ${out.path} is outside the repository`);
  if (out.hash !== null && !/^[0-9a-f]{32}(\.dir)?$/.test(out.hash))
    throw invalid(file, `${JSON.stringify(out.hash)} isn't an md5`);
}

/** A new `.dvc` file for one output, as `dvc add` writes it. `name` is relative to the file's folder. */
export function dvcFileText(name: string, fact: ContentFact): string {
  const lines = [...factLines(fact), ["hash", "md5"], ["path", name]] as const;
  return `outs:\n${lines.map(([key, value], index) => line(index === 0 ? "- " : "  ", key, value)).join("")}`;
}

function factLines(fact: ContentFact): readonly (readonly [string, string | number | boolean])[] {
  return [
    ["md5", fact.hash],
    ["size", fact.sizeBytes],
    ...(fact.files === null ? [] : [["nfiles", fact.files] as const]),
    ...(fact.isExecutable ? [["isexec", true] as const] : []),
  ];
}

function line(lead: string, key: string, value: string | number | boolean): string {
  const start = `${lead}${key}:`;
  return `${start}${typeof value === "string" ? dvcScalar(value, start.length, lead.length + 2) : ` ${value}`}\n`;
}

/**
 * An existing `.dvc` file with the facts of its only output replaced and everything else (description, meta, comments,
 * order) kept; new keys come last, as DVC puts them.
 */
export function updateDvcFile(text: string, file: string, fact: ContentFact): string {
  const document = parseDocument(text);
  const outs = document.get("outs");
  const out = isSeq(outs) ? outs.items[0] : undefined;
  if (!isMap(out) || (isSeq(outs) && outs.items.length !== 1))
    throw invalid(file, "it doesn't have exactly one output");
  const wanted = new Map<string, string | number | boolean>([...factLines(fact), ["hash", "md5"]]);
  return applyEdits(text, out, wanted);
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

function applyEdits(text: string, out: YAMLMap, wanted: ReadonlyMap<string, string | number | boolean>): string {
  const edits: Edit[] = [];
  const missing = new Map(wanted);
  let indent = 2;
  let end = 0;
  for (const { key, value } of out.items) {
    if (!isScalar(key) || !key.range) continue;
    const name = String(key.value);
    indent = key.range[0] - (text.lastIndexOf("\n", key.range[0] - 1) + 1);
    const range = isScalar(value) || isMap(value) || isSeq(value) ? value.range : undefined;
    const [start, valueEnd] = range ?? [key.range[1], key.range[1]];
    end = Math.max(end, range?.[2] ?? valueEnd);
    const next = missing.get(name);
    missing.delete(name);
    if (next !== undefined && isScalar(value)) {
      if (String(value.source ?? value.value) !== String(next))
        edits.push({
          from: start,
          to: valueEnd,
          text:
            typeof next === "string" ? dvcScalar(next, indent + name.length + 1, indent + 2).trimStart() : `${next}`,
        });
    } else if (name === "nfiles" || name === "isexec") {
      edits.push({ from: text.lastIndexOf("\n", key.range[0]) + 1, to: lineEnd(text, valueEnd), text: "" });
    }
  }
  const at = text[end - 1] === "\n" ? end : lineEnd(text, end);
  const lead = at > 0 && text[at - 1] !== "\n" ? "\n" : "";
  const added = [...missing].map(([key, value]) => line(" ".repeat(indent), key, value)).join("");
  if (added) edits.push({ from: at, to: at, text: lead + added });
  return edits
    .toSorted((a, b) => b.from - a.from)
    .reduce((result, edit) => result.slice(0, edit.from) + edit.text + result.slice(edit.to), text);
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at < 0 ? text.length : at + 1;
}
