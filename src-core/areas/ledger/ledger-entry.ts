import type { LedgerEntry, LedgerHead, NewLedgerEntry } from "../../contract/ledger.ts";
import { sha256 } from "../../foundation/files/digest.ts";
import { canonicalJson } from "../../foundation/text/canonical-json.ts";

/** The head of an empty ledger. */
export const emptyHead: LedgerHead = { entries: 0, hash: "0".repeat(64) };

/** Computes the hash of an entry, from its canonical JSON without the key `hash`. */
export function entryHash(entry: Readonly<Record<string, unknown>>): string {
  const { hash: _, ...content } = entry;
  return sha256(canonicalJson(content));
}

/** Builds the entry that follows `head`. */
export function sealEntry(entry: NewLedgerEntry, chain: { readonly head: LedgerHead; readonly at: Date }): LedgerEntry {
  const content = {
    ...entry,
    index: chain.head.entries + 1,
    previous: chain.head.hash,
    at: chain.at.toISOString(),
  };
  return { ...content, hash: entryHash(content) };
}

/** Renders the line of an entry in the ledger, with its line end. */
export function entryLine(entry: LedgerEntry): string {
  return `${canonicalJson(entry)}\n`;
}
