import type { LedgerEntry, LedgerHead, NewLedgerEntry } from "../../contract/ledger.ts";
import { sha256 } from "../../foundation/files/digest.ts";
import { canonicalJson } from "../../foundation/text/canonical-json.ts";

/** What the first entry follows. */
export const emptyHead: LedgerHead = { entries: 0, hash: "0".repeat(64) };

/** The hash of an entry: of its canonical JSON without the member `hash`. */
export function entryHash(entry: Readonly<Record<string, unknown>>): string {
  const { hash: _, ...content } = entry;
  return sha256(canonicalJson(content));
}

/** The entry that follows `head`. */
export function sealEntry(entry: NewLedgerEntry, chain: { readonly head: LedgerHead; readonly at: Date }): LedgerEntry {
  const content = {
    ...entry,
    index: chain.head.entries + 1,
    previous: chain.head.hash,
    at: chain.at.toISOString(),
  };
  return { ...content, hash: entryHash(content) };
}

/** An entry's line in the ledger, with its end. */
export function entryLine(entry: LedgerEntry): string {
  return `${canonicalJson(entry)}\n`;
}
