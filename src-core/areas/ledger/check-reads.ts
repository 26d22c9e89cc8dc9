import path from "node:path";
import { counted } from "../../../src-view/numbers.ts";
import { programStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { LedgerEntry } from "../../contract/ledger.ts";
import { lostReads, refuseConflict } from "../splits/reference/count-reads.ts";

/** The log of reads of the reference tests. */
export interface ReadsLog {
  /** Empty if there is no file. */
  readonly text: string;
  /** Absolute. */
  readonly file: string;
  /** Absolute folder of the project. */
  readonly root: string;
}

/**
 * Checks that the log has every read of a reference test that the ledger counted: with fewer, a test would look less used than it is. Pure.
 * @param references the frozen tests by split version
 * @throws ledger/reads-lost, ledger/reads-conflict
 */
export function checkReads(
  { text, file, root }: ReadsLog,
  entries: readonly LedgerEntry[],
  references: Parameters<typeof lostReads>[2],
): void {
  refuseConflict(text, file);
  const [lost] = lostReads(text, entries, references);
  if (lost === undefined) return;
  const name = path.relative(root, file);
  throw new AppError({
    code: "ledger/reads-lost",
    message: `${name} has ${counted(lost.found, "read")} of the reference test of split ${lost.splitVersion}, but entry ${lost.ledgerIndex} of the ledger counted ${lost.counted}: lines were removed, or an earlier version of the file was checked out.`,
    hint: "Write the missing lines back. What can't be found is counted again by the next run.",
    next: [programStep(["git", "-C", root, "log", "--patch", "--", name], "shows the lines of its committed versions")],
    details: { ...lost, file },
  });
}
