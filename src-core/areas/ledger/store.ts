import type { LedgerHead } from "../../contract/ledger.ts";
import { noteChange } from "../../foundation/catalogue/changes.ts";
import type { CatalogueReader, CatalogueWriter } from "../../foundation/catalogue/open.ts";

/** Reads the head of the ledger when it was last written; null in a catalogue without one. */
export function readHead(catalogue: CatalogueReader): LedgerHead | null {
  const row = catalogue.get("SELECT entries, hash FROM ledger_head WHERE id = 1");
  return row === undefined ? null : { entries: Number(row.entries), hash: String(row.hash) };
}

/** Keeps a line of the ledger, with its line end. */
export function keepLine(writer: CatalogueWriter, index: number, line: string): void {
  writer.run(
    "INSERT INTO ledger_copy (ledger_index, line) VALUES (?, ?) ON CONFLICT (ledger_index) DO UPDATE SET line = excluded.line",
    index,
    line,
  );
}

export function countKeptLines(reader: CatalogueReader): number {
  return Number(reader.get("SELECT count(*) AS lines FROM ledger_copy")?.lines);
}

/** Reads the kept lines as the text of a ledger; a gap in them ends it. */
export function keptText(reader: CatalogueReader): string {
  const rows = reader.all("SELECT ledger_index, line FROM ledger_copy ORDER BY ledger_index");
  const gap = rows.findIndex((row, at) => Number(row.ledger_index) !== at + 1);
  return rows
    .slice(0, gap < 0 ? rows.length : gap)
    .map((row) => String(row.line))
    .join("");
}

export function writeHead(writer: CatalogueWriter, head: LedgerHead): void {
  writer.run(
    "INSERT INTO ledger_head (id, entries, hash) VALUES (1, ?, ?) ON CONFLICT (id) DO UPDATE SET entries = excluded.entries, hash = excluded.hash",
    head.entries,
    head.hash,
  );
  noteChange(writer, "ledger", [String(head.entries)]);
}
