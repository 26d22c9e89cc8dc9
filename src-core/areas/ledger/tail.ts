import { nextStep, programStep } from "../../contract/build-step.ts";
import { AppError, type AppErrorInit } from "../../contract/errors.ts";
import type { LedgerHead } from "../../contract/ledger.ts";
import { conflictLine } from "../../foundation/text/conflict-marks.ts";
import { emptyHead } from "./ledger-entry.ts";

export interface LedgerText {
  readonly text: string;
  /** File name, for messages. */
  readonly file?: string;
  /** Length and last hash as recorded elsewhere (the catalogue, a tag); there may be later entries. */
  readonly knownHead?: LedgerHead | null | undefined;
}

/**
 * Checks only that nothing is missing at the end and that the last known entry is the one that was written: what a glance can afford.
 * @throws ledger/broken, ledger/truncated
 */
export function verifyTail({ text, file = "ledger/decisions.jsonl", knownHead }: LedgerText): LedgerHead {
  refuseMarks(text, file);
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  const entries = lines.length - 1;
  const last = parsed(lines[entries - 1] ?? "")?.index;
  if (typeof last === "number" && last > entries)
    throw broken({ file, line: entries }, `has the number ${last}: an entry before it is missing`);
  const hashAt = (index: number): string | undefined => {
    const hash = parsed(lines[index - 1] ?? "")?.hash;
    return typeof hash === "string" ? hash : undefined;
  };
  const hash = entries === 0 ? emptyHead.hash : hashAt(entries);
  if (hash === undefined) throw broken({ file, line: entries }, "was changed: it is not an entry");
  if (knownHead) checkHead({ entries, hashAt }, { knownHead, file });
  return { entries, hash };
}

/** @throws ledger/broken for the marks that git leaves where two versions of a file differ */
export function refuseMarks(text: string, file: string): void {
  const line = conflictLine(text);
  if (line === undefined) return;
  throw new AppError({
    code: "ledger/broken",
    message: `${file}, line ${line}: a mark that git left where two versions of the ledger differ. Two copies of the project decided apart, and a chain can't have both.`,
    hint: "Choose whose decisions stay, and take that file whole. The other copy can go on as a project of its own (projects fork).",
    next: [
      programStep(["git", "checkout", "--ours", "--", file], "takes the ledger of this copy"),
      programStep(["git", "checkout", "--theirs", "--", file], "takes the one that came with the merge"),
    ],
    details: { file, line },
  });
}

/** Place of an entry, for messages. */
export interface LinePlace {
  readonly file: string;
  readonly line: number;
}

/** Parses a line of the ledger; undefined if it isn't an object. */
export function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    // Only an object is required here. Its values are checked later.
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

interface Length {
  readonly entries: number;
  readonly hashAt: (index: number) => string | undefined;
}

/** Compares a ledger's length and last entry with what is recorded elsewhere. @throws ledger/broken, ledger/truncated */
export function checkHead(ledger: Length, it: { readonly knownHead: LedgerHead; readonly file: string }): void {
  const { entries, hash } = it.knownHead;
  const missing = entries - ledger.entries;
  if (missing > 0)
    throw new AppError({
      code: "ledger/truncated",
      message: `${it.file} ends with entry ${ledger.entries}, but ${entries} were written: the last ${missing === 1 ? "one is" : `${missing} are`} missing.`,
      ...wayBack(it.file),
      hint: "There are no decisions on a cut ledger. Restore it, from the copy of its entries or from a backup. If another copy of the project wrote the missing entries, get its ledger (git pull).",
      details: { file: it.file, entries: ledger.entries, known: entries, knownHash: hash },
    });
  if (entries > 0 && ledger.hashAt(entries) !== hash)
    throw broken(
      { file: it.file, line: entries },
      "is not the one that was written: the entries up to it were rewritten",
    );
}

export function broken(place: LinePlace, what: string): AppError {
  return new AppError({
    code: "ledger/broken",
    message: `Entry ${place.line} of the ledger (${place.file}, line ${place.line}) ${what}.`,
    ...wayBack(place.file),
    details: { file: place.file, line: place.line, index: place.line },
  });
}

function wayBack(file: string): Pick<AppErrorInit, "hint" | "next"> {
  return {
    hint: "There are no decisions on a broken ledger. Restore it, from the copy of its entries or from a backup.",
    next: [
      nextStep("ledger.restore", {}, "writes back what is missing or was changed"),
      programStep(["git", "log", "-p", "--", file], "shows its committed versions"),
    ],
  };
}
