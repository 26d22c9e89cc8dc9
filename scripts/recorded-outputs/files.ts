import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { operations } from "../../src-core/contract/index.ts";
import type { Operation } from "../../src-core/contract/operation.ts";
import { appRoot } from "../../src-core/foundation/files/entry-points.ts";
import { dataHome } from "../../src-core/foundation/files/paths.ts";
import { normalizer } from "./normalize.ts";
import { operationIdOf } from "./recording-gaps.ts";
import { type Outputs, recordOutputs } from "./scenario.ts";

export const recordedFolder = path.join(appRoot, "fixtures/outputs");

/** Records the files by name: creates a project for it and checks each output against its operation's schema. */
export async function recordFiles(): Promise<ReadonlyMap<string, string>> {
  const folder = mkdtempSync(path.join(realpathSync(os.tmpdir()), "signalbox-recording-"));
  try {
    return filesOf(await recordOutputs(folder), folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function filesOf(outputs: Outputs, folder: string): ReadonlyMap<string, string> {
  const normalize = normalizer({
    folders: [
      [folder, "/srv"],
      [dataHome(process.env), "/home/person/.local/share/signalbox"],
    ],
    now: Date.now(),
  });
  return new Map(
    [...outputs].map(([name, output]) => {
      const normalized = normalize(output);
      operationOf(name).output.parse(normalized);
      return [`${name}.json`, `${JSON.stringify(normalized, null, 2)}\n`];
    }),
  );
}

function operationOf(name: string): Operation {
  const operation = (operations as Readonly<Record<string, Operation>>)[operationIdOf(name)];
  if (operation === undefined) throw new Error(`There is no operation for ${name}.`);
  return operation;
}

/** Finds recorded files that have changed, were added or no longer exist. */
export function driftOf(files: ReadonlyMap<string, string>): readonly string[] {
  const stored = readdirSync(recordedFolder);
  const names = [...new Set([...stored, ...files.keys()])].sort();
  return names.filter(
    (name) => !stored.includes(name) || files.get(name) !== readFileSync(path.join(recordedFolder, name), "utf8"),
  );
}
