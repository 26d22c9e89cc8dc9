import type { LedgerHead } from "../../contract/ledger.ts";
import { noteChange } from "../../foundation/catalogue/changes.ts";
import type { CatalogueReader, CatalogueWriter } from "../../foundation/catalogue/open.ts";

/** Reads the head of the ledger when it was last written; null in a catalogue without one. */
export function readHead(catalogue: CatalogueReader): LedgerHead | null {
  const row = catalogue.get("SELECT entries, hash FROM ledger_head WHERE id = 1");
  return row === undefined ? null : { entries: Number(row.entries), hash: String(row.hash) };
}

export function writeHead(writer: CatalogueWriter, head: LedgerHead): void {
  writer.run(
    "INSERT INTO ledger_head (id, entries, hash) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET entries = excluded.entries, hash = excluded.hash",
    head.entries,
    head.hash,
  );
  noteChange(writer, "ledger", [String(head.entries)]);
}
