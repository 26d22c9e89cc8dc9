import * as z from "zod";
import { AppError } from "../../../contract/errors.ts";
import type { LedgerEntry } from "../../../contract/ledger.ts";
import { conflictLine } from "../../../foundation/text/conflict-marks.ts";

const readSchema = z.object({
  at: z.string(),
  runId: z.string(),
  purpose: z.string(),
  sha256: z.string(),
  of: z.string().optional(),
});
/**
 * One read of a reference test. `at` is ISO 8601, `sha256` the digest of the bytes that were read, and `of` that of the split's frozen test
 * where they are a part of its rows, as a job of a plan reads them.
 */
export type ReferenceRead = z.output<typeof readSchema>;

/** Counts the reads of the reference test with this digest, whole or in part. A line that can't be parsed counts: it may be one. */
export function countReads(text: string, sha256: string): number {
  return text.split("\n").filter((line) => line !== "" && mayBeOf(line, sha256)).length;
}

function mayBeOf(line: string, sha256: string): boolean {
  try {
    const read = readSchema.safeParse(JSON.parse(line));
    return !read.success || read.data.sha256 === sha256 || read.data.of === sha256;
  } catch {
    return true;
  }
}

/**
 * Refuses a log in which git left the marks of a conflict: each would count as a read, in every entry of the ledger from then on.
 * @throws ledger/reads-conflict
 */
export function refuseConflict(text: string, file: string): void {
  const line = conflictLine(text);
  if (line === undefined) return;
  throw new AppError({
    code: "ledger/reads-conflict",
    message: `${file}, line ${line}: a mark that git left where two versions of the log of reads differ.`,
    hint: "Keep the lines of both versions, each once, and delete the marks.",
    details: { file, line },
  });
}

/** Reads that an entry of the ledger counted and the log no longer has. */
export interface LostReads {
  readonly splitVersion: number;
  readonly sha256: string;
  /** What the log has now. */
  readonly found: number;
  /** The highest count of an entry, and its number. */
  readonly counted: number;
  readonly ledgerIndex: number;
}

/**
 * Compares the log of reads with the ledger: each decision says how often its reference test had been read. Pure.
 * @param references the frozen tests by split version
 */
export function lostReads(
  text: string,
  entries: readonly LedgerEntry[],
  references: Readonly<Record<string, { readonly sha256: string } | undefined>>,
): readonly LostReads[] {
  const highest = new Map<string, LostReads>();
  for (const entry of entries) {
    if (entry.kind !== "decision") continue;
    const { referenceReads: counted, configs, data } = entry.body;
    const splitVersion = configs.split.version;
    // A job of a plan is measured on a part of the frozen test's rows; its reads are reads of that test.
    const sha256 = references[String(splitVersion)]?.sha256 ?? data.tests.reference;
    if (sha256 === undefined || counted <= (highest.get(sha256)?.counted ?? 0)) continue;
    highest.set(sha256, { splitVersion, sha256, found: countReads(text, sha256), counted, ledgerIndex: entry.index });
  }
  return [...highest.values()].filter(({ found, counted }) => found < counted);
}
