import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { OperationId, OperationOutput } from "../../src-core/contract/index.ts";
import { appRoot } from "../../src-core/foundation/files/entry-points.ts";

const folder = path.join(appRoot, "fixtures/outputs");

/** The output of an operation on a real project; `variant` is the case if there are several. */
export function recorded<Id extends OperationId>(operation: Id, variant?: string): OperationOutput<Id> {
  const name = variant === undefined ? operation : `${operation}.${variant}`;
  // The recording was checked against the operation's schema when it was written.
  return JSON.parse(readFileSync(path.join(folder, `${name}.json`), "utf8")) as OperationOutput<Id>;
}

/** Every recorded output: the file's name, the operation, and its output. */
export function allRecorded(): readonly (readonly [name: string, operation: OperationId, output: unknown])[] {
  return readdirSync(folder).map((file) => {
    const name = file.replace(/\.json$/, "");
    // Files are named after the operations of the contract: the recording fails for another name.
    const operation = name.split(".").slice(0, 2).join(".") as OperationId;
    return [name, operation, JSON.parse(readFileSync(path.join(folder, file), "utf8"))] as const;
  });
}

/** The moment after the recording, for ages. */
export const recordedNow = Date.parse("2026-01-01T00:05:00.000Z");
