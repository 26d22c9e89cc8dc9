import { createHash } from "node:crypto";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { setYaml } from "../../src-core/areas/configs/write/set-yaml.ts";
import { drawId } from "../../src-core/areas/projects/draw-id.ts";
import { type CliResult, cli } from "./cli.ts";
import { smallTable } from "./small-table.ts";

/** What the message must contain, and the exit code. */
export interface Refusal {
  readonly code: string;
  readonly exit: number;
  /** Place and reason, in this order. */
  readonly says: readonly (string | RegExp)[];
  /** The next step. */
  readonly next: string | RegExp;
}

/** A folder with a small working project, of which every case gets a copy. */
export interface Lab {
  readonly folder: string;
  readonly base: string;
  readonly env: NodeJS.ProcessEnv;
  /** A fresh copy of the project, for one case. */
  readonly copy: () => string;
  readonly close: () => void;
}

export async function openLab(trackingUri: string, init?: readonly string[]): Promise<Lab> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-bad-"));
  const base = path.join(folder, "base");
  const env = { MLFLOW_TRACKING_URI: trackingUri, SIGNALBOX_SUPERVISOR_IDLE_MS: "300" };
  writeFileSync(path.join(folder, "orders.csv"), smallTable(1_500));
  const options = init ?? ["--table", "orders.csv", "--target", "minutes", "--group", "shop"];
  const made = await cli(["init", base, ...options], { cwd: folder, env });
  if (made.code !== 0) throw new Error(`init ended with ${made.code}:\n${made.stderr}`);
  let copies = 0;
  return {
    folder,
    base,
    env,
    copy: () => {
      const project = path.join(folder, `case-${++copies}`);
      cpSync(base, project, { recursive: true });
      makeItsOwn(project);
      return project;
    },
    close: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }),
  };
}

/** The cases share a server, and their decisions no ledger. */
function makeItsOwn(project: string): void {
  const file = path.join(project, "signalbox.yaml");
  const name = path.basename(project);
  const edited = setYaml(readFileSync(file, "utf8"), [
    { path: ["id"], value: drawId() },
    { path: ["tracking", "experiment"], value: `${name}_training` },
    { path: ["tracking", "registered_model"], value: `${name}_model` },
  ]);
  writeFileSync(file, edited);
}

/** Replaces text in a file of a project; the text must exist. */
export function edit(project: string, file: string, from: string | RegExp, to: string): void {
  const absolute = path.join(project, file);
  const text = readFileSync(absolute, "utf8");
  const edited = text.replace(from, to);
  if (edited === text) throw new Error(`${file} has no ${String(from)}`);
  writeFileSync(absolute, edited);
}

/** Rewrites the master table line by line; line 1 is the header. */
export function editLines(project: string, change: (line: string, number: number) => string | null): void {
  const file = path.join(project, "data", "master.csv");
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const changed = lines.map((line, index) => change(line, index + 1)).filter((line) => line !== null);
  writeFileSync(file, `${changed.join("\n")}\n`);
}

/** sha256 of every file that is part of the project's record. */
function listing(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !/^(\.signalbox|\.git)(\/|$)/.test(file));
  return Object.fromEntries(
    files.sort().map((file) => [
      file,
      createHash("sha256")
        .update(readFileSync(path.join(folder, file)))
        .digest("hex"),
    ]),
  );
}

/** A started run records that it has used its versions, and keeps their content; a refused run leaves nothing else. */
const isRecordOfUse = (file: string): boolean => /^configs\/frozen(\.json$|\/)/.test(file);

const withoutRecords = (files: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(files).filter(([file]) => !isRecordOfUse(file)));

/** Runs a command that must be refused as described, and that must leave every file as it was. */
export async function expectRefusal(
  lab: Pick<Lab, "env">,
  request: { readonly project: string; readonly args: readonly string[]; readonly refusal: Refusal },
): Promise<CliResult> {
  const { project, args, refusal } = request;
  const before = listing(project);
  const result = await cli(args, { cwd: project, env: lab.env });
  // Undo the terminal's line wrapping.
  const text = result.stderr.replaceAll(/\n {4,}/g, " ");
  const [, message = "", next = "", code] = /^error +(.*?)^next +(.*?)^code +(\S+)$/ms.exec(text) ?? [];
  expect({ code, exit: result.code }, result.stderr).toEqual({ code: refusal.code, exit: refusal.exit });
  for (const text of refusal.says) expect(message).toMatch(text);
  expect(next).toMatch(refusal.next);
  // What failed isn't also in the line of the stage in which it failed.
  expect(text.split(message.trim().slice(0, 60)), text).toHaveLength(2);
  expect(result.stdout).toBe("");
  expect(withoutRecords(listing(project))).toEqual(withoutRecords(before));
  return result;
}
