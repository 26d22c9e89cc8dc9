import { existsSync, readFileSync } from "node:fs";
import type { LedgerEntry, LedgerHead } from "../../contract/ledger.ts";
import { fileError } from "../../foundation/files/durable.ts";
import { broken, verifyLedger } from "./verify.ts";

/** The ledger's text; empty where there is no file yet. @throws ledger/broken where bytes aren't UTF-8 */
export function ledgerText(file: string): string {
  if (!existsSync(file)) return "";
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw fileError(error, "read", file);
  }
  const text = bytes.toString("utf8");
  // Decoding replaces what isn't UTF-8, so that different bytes could read alike: the bytes must come back.
  const again = Buffer.from(text, "utf8");
  if (!again.equals(bytes)) {
    const at = bytes.findIndex((byte, index) => byte !== again[index]);
    const line = 1 + bytes.subarray(0, at).filter((byte) => byte === 0x0a).length;
    throw broken({ file, line }, "was changed: its bytes are not UTF-8");
  }
  return text;
}

/**
 * Every complete entry, the chain checked. An unfinished last line, left by a crash and told to no one, doesn't count: the
 * next append or `ledger verify` moves it aside.
 * @param knownHead what another place remembers of the ledger's length and last hash
 * @throws ledger/broken, ledger/truncated
 */
export function readLedger(file: string, knownHead: LedgerHead | null = null): readonly LedgerEntry[] {
  const text = ledgerText(file);
  return verifyLedger({ text: text.slice(0, text.lastIndexOf("\n") + 1), file, knownHead }).entries;
}
