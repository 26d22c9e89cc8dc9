import { existsSync, readFileSync } from "node:fs";
import type { LedgerEntry, LedgerHead } from "../../contract/ledger.ts";
import type { CatalogueReader } from "../../foundation/catalogue/open.ts";
import { fileError } from "../../foundation/files/durable.ts";
import { readHead } from "./store.ts";
import { broken } from "./tail.ts";
import { verifyLedger } from "./verify.ts";

/** Reads the text of the ledger; empty if there is no file yet. @throws ledger/broken if the bytes aren't UTF-8 */
export function ledgerText(file: string): string {
  if (!existsSync(file)) return "";
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw fileError(error, "read", file);
  }
  const text = bytes.toString("utf8");
  // Decoding replaces invalid UTF-8, so different bytes could give the same text. Encoding must return the same bytes.
  const again = Buffer.from(text, "utf8");
  if (!again.equals(bytes)) {
    const at = bytes.findIndex((byte, index) => byte !== again[index]);
    const line = 1 + bytes.subarray(0, at).filter((byte) => byte === 0x0a).length;
    throw broken({ file, line }, "was changed: its bytes are not UTF-8");
  }
  return text;
}

/** Whether the ledger has another number of entries than the catalogue knows, such as after `git pull`. */
export function hasOtherEntries(file: string, reader: CatalogueReader): boolean {
  const entries = ledgerText(file).split("\n").length - 1;
  return entries !== (readHead(reader)?.entries ?? 0);
}

/**
 * Reads the complete entries and checks the chain. Ignores an unfinished last line, which a crash left and which was never reported; the
 * next append or `ledger verify` moves it away.
 * @param knownHead the length and last hash of the ledger, as recorded elsewhere
 * @throws ledger/broken, ledger/truncated
 */
export function readLedger(file: string, knownHead: LedgerHead | null = null): readonly LedgerEntry[] {
  const text = ledgerText(file);
  return verifyLedger({ text: text.slice(0, text.lastIndexOf("\n") + 1), file, knownHead }).entries;
}
