import { constants, copyFileSync, existsSync } from "node:fs";
import path from "node:path";
import { nextStep, programStep } from "../../contract/build-step.ts";
import { AppError, toAppError } from "../../contract/errors.ts";
import { writeFileDurable } from "../../foundation/files/durable.ts";
import type { LedgerPlace } from "./append.ts";
import { entryHash } from "./ledger-entry.ts";
import { ledgerText } from "./read.ts";
import { keptText, readHead } from "./store.ts";
import { parsed } from "./tail.ts";
import { type VerifiedLedger, verifyLedger } from "./verify.ts";

export interface RestoredLedger {
  readonly entries: number;
  /** Entries that the file didn't have, or had otherwise. */
  readonly restored: number;
  /** Where the file as it was is kept; null if nothing was wrong with it, or there was none. */
  readonly aside: string | null;
}

/**
 * Writes the ledger's file again from the catalogue's copy of its lines, after it was cut or changed. The copy must be a complete chain that
 * ends where the ledger ended. The file as it was is kept.
 * @throws ledger/truncated if the copy isn't complete; ledger/other-head if the file has an entry of another copy of the project, which would be
 *   lost
 */
export function restoreLedger({ paths, catalogue, clock }: LedgerPlace): RestoredLedger {
  const file = paths.ledgerFile;
  return catalogue.write((writer) => {
    const knownHead = readHead(writer);
    const present = textOf(file);
    const now = verified(present, { file, knownHead });
    if (now !== undefined) return { entries: now.head.entries, restored: 0, aside: null };
    const text = keptText(writer);
    const copy = verified(text, { file, knownHead });
    if (copy === undefined) throw noCopy(file);
    const [lost] = othersIn(present, text);
    if (lost !== undefined) throw otherEntries(file, lost);
    const aside = path.join(paths.private, `ledger-replaced-${clock.now().getTime()}.jsonl`);
    if (existsSync(file)) copyFileSync(file, aside, constants.COPYFILE_EXCL);
    writeFileDurable(file, text);
    const before = present.split("\n");
    const restored = text.split("\n").filter((line, at) => line !== "" && before[at] !== line).length;
    return { entries: copy.head.entries, restored, aside: existsSync(aside) ? aside : null };
  });
}

/** The file's text, also where its bytes aren't UTF-8 any more. */
function textOf(file: string): string {
  try {
    return ledgerText(file);
  } catch (error) {
    if (toAppError(error).code !== "ledger/broken") throw error;
    return "\uFFFD";
  }
}

function verified(
  text: string,
  it: { readonly file: string; readonly knownHead: VerifiedLedger["head"] | null },
): VerifiedLedger | undefined {
  try {
    return verifyLedger({ text, ...it });
  } catch (error) {
    if (/^ledger\//.test(toAppError(error).code)) return undefined;
    throw error;
  }
}

function noCopy(file: string): AppError {
  return new AppError({
    code: "ledger/truncated",
    message: `The catalogue has no complete copy of ${file}, because it was made, or made again, without the missing entries.`,
    hint: "If another copy of the project wrote them, get its ledger: commit and push it there, then pull it here. Otherwise restore the file from a backup.",
    next: [programStep(["git", "log", "-p", "--", file], "shows its committed versions")],
    details: { file },
  });
}

/** Whole entries of a text that aren't in another. A changed one doesn't match its hash, and is none. */
function othersIn(text: string, known: string): readonly LinkedEntry[] {
  const lines = new Set(known.split("\n"));
  return text.split("\n").flatMap((line): readonly LinkedEntry[] => {
    if (lines.has(line)) return [];
    const entry = parsed(line);
    if (entry === undefined || entry.hash !== entryHash(entry)) return [];
    return [{ index: Number(entry.index), actor: String(entry.actor) }];
  });
}

interface LinkedEntry {
  readonly index: number;
  readonly actor: string;
}

function otherEntries(file: string, { index, actor }: LinkedEntry): AppError {
  return new AppError({
    code: "ledger/other-head",
    message: `${file} has an entry ${index} by ${actor} that isn't in the copy of its entries: two copies of the project decided apart. Restoring would drop it, so nothing was changed.`,
    hint: "Only one of the two ledgers can go on. In the copy whose decisions are to stay, take its own file whole (after a merge: git checkout --ours or --theirs). Make the other copy a project of its own.",
    next: [nextStep("projects.fork", {}, "gives this copy an id and names of its own")],
    details: { file, index, actor },
  });
}
