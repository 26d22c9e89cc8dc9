import { type LedgerEntry, type LedgerHead, ledgerEntrySchema } from "../../contract/ledger.ts";
import { canonicalJson } from "../../foundation/text/canonical-json.ts";
import { emptyHead, entryHash } from "./ledger-entry.ts";
import { broken, checkHead, type LedgerText, type LinePlace, parsed, refuseMarks } from "./tail.ts";

export interface VerifiedLedger {
  readonly entries: readonly LedgerEntry[];
  readonly head: LedgerHead;
}

/**
 * Checks every byte of a ledger: the form, hash and link of each entry, then that nothing is missing at the end.
 * @throws ledger/broken with the first changed entry, ledger/truncated with what is missing
 */
export function verifyLedger({ text, file = "ledger/decisions.jsonl", knownHead }: LedgerText): VerifiedLedger {
  refuseMarks(text, file);
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

function textOf(value: unknown): string | undefined {
  try {
    return canonicalJson(value);
  } catch {
    return undefined;
  }
}
