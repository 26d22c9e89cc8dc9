import { nextStep, programStep } from "../../contract/build-step.ts";
import { AppError, type AppErrorInit } from "../../contract/errors.ts";
import { type LedgerEntry, type LedgerHead, ledgerEntrySchema } from "../../contract/ledger.ts";
import { canonicalJson } from "../../foundation/text/canonical-json.ts";
import { emptyHead, entryHash } from "./ledger-entry.ts";

export interface VerifiedLedger {
  readonly entries: readonly LedgerEntry[];
  readonly head: LedgerHead;
}

export interface LedgerText {
  readonly text: string;
  /** File name, for messages. */
  readonly file?: string;
  /** Length and last hash as recorded elsewhere (the catalogue, a tag); there may be later entries. */
  readonly knownHead?: LedgerHead | null | undefined;
}

/**
 * Checks every byte of a ledger: the form, hash and link of each entry, then that nothing is missing at the end.
 * @throws ledger/broken with the first changed entry, ledger/truncated with what is missing
 */
export function verifyLedger({ text, file = "ledger/decisions.jsonl", knownHead }: LedgerText): VerifiedLedger {
  const lines = text.split("\n");
  const rest = lines.pop();
  const entries: LedgerEntry[] = [];
  let head = emptyHead;
  for (const [index, line] of lines.entries()) {
    const entry = checkedEntry(line, { head, place: { file, line: index + 1 } });
    entries.push(entry);
    head = { entries: entry.index, hash: entry.hash };
  }
  if (rest !== "") throw broken({ file, line: lines.length + 1 }, "is incomplete: it has no end of line");
  const hashAt = (index: number) => entries[index - 1]?.hash;
  if (knownHead) checkHead({ entries: entries.length, hashAt }, { knownHead, file });
  return { entries, head };
}

/**
 * Checks only that nothing is missing at the end and that the last known entry is the one that was written: what a glance can afford.
 * @throws ledger/broken, ledger/truncated
 */
export function verifyTail({ text, file = "ledger/decisions.jsonl", knownHead }: LedgerText): LedgerHead {
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  const entries = lines.length - 1;
  const hashAt = (index: number): string | undefined => {
    const hash = parsed(lines[index - 1] ?? "")?.hash;
    return typeof hash === "string" ? hash : undefined;
  };
  const hash = entries === 0 ? emptyHead.hash : hashAt(entries);
  if (hash === undefined) throw broken({ file, line: entries }, "was changed: it is not an entry");
  if (knownHead) checkHead({ entries, hashAt }, { knownHead, file });
  return { entries, hash };
}

interface LinePlace {
  readonly file: string;
  readonly line: number;
}

function checkedEntry(line: string, it: { readonly head: LedgerHead; readonly place: LinePlace }): LedgerEntry {
  const { head, place } = it;
  const value = parsed(line);
  if (value === undefined) throw broken(place, "was changed: it is not a JSON object");
  if (textOf(value) !== line) throw broken(place, "was changed: its bytes aren't in canonical form");
  if (value.hash !== entryHash(value)) throw broken(place, "was changed: its content doesn't match its hash");
  if (value.index !== head.entries + 1)
    throw broken(place, `has the index ${String(value.index)}: an entry was removed, added or moved`);
  if (value.previous !== head.hash)
    throw broken(place, `doesn't continue entry ${head.entries}: the link is broken, one of the two was replaced`);
  const entry = ledgerEntrySchema.safeParse(value);
  if (!entry.success) throw broken(place, "has a form that this version of Signalbox doesn't know");
  // Keep the value that was read, not the parsed one, so that the same bytes can be written again.
  return value as LedgerEntry;
}

function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
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

function textOf(value: unknown): string | undefined {
  try {
    return canonicalJson(value);
  } catch {
    return undefined;
  }
}

interface Length {
  readonly entries: number;
  readonly hashAt: (index: number) => string | undefined;
}

function checkHead(ledger: Length, it: { readonly knownHead: LedgerHead; readonly file: string }): void {
  const { entries, hash } = it.knownHead;
  const missing = entries - ledger.entries;
  if (missing > 0)
    throw new AppError({
      code: "ledger/truncated",
      message: `${it.file} ends with entry ${ledger.entries}, but ${entries} were written: the last ${missing === 1 ? "one is" : `${missing} are`} missing.`,
      ...wayBack(it.file),
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
