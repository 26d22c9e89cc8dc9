import type { LedgerEntry, LedgerHead } from "../../contract/ledger.ts";
import type { CatalogueWriter } from "../../foundation/catalogue/open.ts";
import { emptyHead } from "./ledger-entry.ts";
import { readHead, writeHead } from "./store.ts";

/**
 * Restores the head in a new catalogue. That is the head of the ledger, unless another place has recorded a longer ledger or another entry
 * at that length. Then the recorded head is used, so `ledger verify` and the next append find what is missing or was rewritten.
 */
export function restoreHead(writer: CatalogueWriter, entries: readonly LedgerEntry[], known: LedgerHead | null): void {
  const last = entries.at(-1);
  const own = last === undefined ? emptyHead : { entries: last.index, hash: last.hash };
  const isContradicted =
    known !== null && (known.entries > own.entries || entries[known.entries - 1]?.hash !== known.hash);
  const head = isContradicted ? known : own;
  const present = readHead(writer);
  if (head.entries === 0 || (present !== null && present.entries > head.entries)) return;
  writeHead(writer, head);
}
