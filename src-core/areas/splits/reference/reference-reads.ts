import { existsSync } from "node:fs";
import type { LedgerEntry } from "../../../contract/ledger.ts";
import { appendDurable, readText } from "../../../foundation/files/durable.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";
import { countReads, lostReads, type ReferenceRead, refuseConflict } from "./count-reads.ts";

type ReadsPaths = Pick<ProjectPaths, "referenceReadsFile">;

/** Counts a read of a reference test; call it before the file is read. */
export function recordReferenceRead(paths: ReadsPaths, read: ReferenceRead): void {
  const { at, runId, purpose, sha256, of } = read;
  const isTorn = !/(^|\n)$/.test(readsText(paths));
  // A line truncated by a power cut must not swallow this one.
  appendDurable(
    paths.referenceReadsFile,
    `${isTorn ? "\n" : ""}${JSON.stringify({ at, runId, purpose, sha256, of })}\n`,
  );
}

/** How often the reference test with this digest was read, whole or in part. */
export function countReferenceReads(paths: ReadsPaths, sha256: string): number {
  return countReads(readsText(paths), sha256);
}

/** Reads the log of reads; empty if there is none. @throws ledger/reads-conflict */
function readsText({ referenceReadsFile: file }: ReadsPaths): string {
  const text = existsSync(file) ? readText(file) : "";
  refuseConflict(text, file);
  return text;
}

/**
 * Counts the reads again that the ledger knows and the log lost, as after a checkout of an earlier version of it: a run must not count from the
 * lowered number.
 */
export function restoreLostReads(
  paths: ReadsPaths,
  known: {
    readonly entries: readonly LedgerEntry[];
    readonly references: Readonly<Record<string, { readonly sha256: string } | undefined>>;
    readonly now: Date;
  },
): void {
  for (const lost of lostReads(readsText(paths), known.entries, known.references)) {
    const { sha256, counted, found, ledgerIndex } = lost;
    const purpose = `counted by entry ${ledgerIndex} of the ledger; its line was lost`;
    for (let missing = counted - found; missing > 0; missing -= 1)
      recordReferenceRead(paths, { at: known.now.toISOString(), runId: "", purpose, sha256 });
  }
}
