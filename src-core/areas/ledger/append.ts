import { existsSync, statSync, truncateSync } from "node:fs";
import path from "node:path";
import type { LedgerEntry, LedgerHead, NewLedgerEntry } from "../../contract/ledger.ts";
import type { Catalogue, CatalogueWriter } from "../../foundation/catalogue/open.ts";
import type { Clock } from "../../foundation/context.ts";
import { appendDurable, writeFileDurable } from "../../foundation/files/durable.ts";
import type { ProjectPaths } from "../../foundation/files/paths.ts";
import { entryLine, sealEntry } from "./ledger-entry.ts";
import { ledgerText } from "./read.ts";
import { countKeptLines, keepLine, readHead, writeHead } from "./store.ts";
import { type VerifiedLedger, verifyLedger } from "./verify.ts";

export interface LedgerPlace {
  readonly paths: Pick<ProjectPaths, "ledgerFile" | "private">;
  readonly catalogue: Catalogue;
  readonly clock: Clock;
}

export interface AppendOptions {
  /** Called under the lock. If it returns an equal entry, that one is returned and nothing is appended. */
  readonly unless?: (entries: readonly LedgerEntry[]) => LedgerEntry | undefined;
  /** Writes rows that belong to the entry, in the transaction of the head. */
  readonly alsoWrite?: (writer: CatalogueWriter, entry: LedgerEntry) => void;
}

/**
 * Appends an entry and makes it durable. The catalogue's write transaction is the lock, so the second of two processes waits. Writes the
 * file first, then the head in the catalogue. After a crash in between, the next command adopts the complete entries.
 * @throws ledger/broken, ledger/truncated, files/disk-full; nothing is appended then
 */
export function appendEntry(place: LedgerPlace, entry: NewLedgerEntry, options: AppendOptions = {}): LedgerEntry {
  return place.catalogue.write((writer) => {
    const { ledger } = settle(place, writer);
    const present = options.unless?.(ledger.entries);
    if (present) return present;
    const sealed = sealEntry(entry, { head: ledger.head, at: place.clock.now() });
    const line = entryLine(sealed);
    appendWhole(place.paths.ledgerFile, line);
    keepLine(writer, sealed.index, line);
    writeHead(writer, { entries: sealed.index, hash: sealed.hash });
    options.alsoWrite?.(writer, sealed);
    return sealed;
  });
}

export interface SettledLedger {
  readonly ledger: VerifiedLedger;
  /** Message about what was repaired after a crash; null if nothing was. */
  readonly notice: string | null;
}

/**
 * Repairs file and catalogue after a crash, and checks both. Adopts complete entries that the catalogue doesn't have, and moves an
 * unfinished last line, which was never reported, to another file.
 * @throws ledger/broken, ledger/truncated
 */
export function settleLedger(place: LedgerPlace): SettledLedger {
  return place.catalogue.write((writer) => settle(place, writer));
}

function settle({ paths, clock }: LedgerPlace, writer: CatalogueWriter): SettledLedger {
  const file = paths.ledgerFile;
  const text = ledgerText(file);
  const known = readHead(writer);
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const ledger = verifyLedger({ text: whole, file, knownHead: known });
  const torn = text.slice(whole.length);
  if (torn !== "") {
    const aside = path.join(paths.private, `ledger-unfinished-${clock.now().getTime()}.txt`);
    writeFileDurable(aside, torn);
    writeFileDurable(file, whole);
    takeOver(writer, known, ledger);
    return { ledger, notice: `An unfinished last line of ${file} was moved to ${aside}.` };
  }
  return { ledger, notice: takeOver(writer, known, ledger) };
}

function takeOver(writer: CatalogueWriter, known: LedgerHead | null, { entries, head }: VerifiedLedger): string | null {
  if (countKeptLines(writer) < head.entries)
    for (const entry of entries) keepLine(writer, entry.index, entryLine(entry));
  const fresh = head.entries - (known?.entries ?? 0);
  if (fresh === 0) return null;
  writeHead(writer, head);
  return known === null
    ? null
    : `${fresh} complete ${fresh === 1 ? "entry" : "entries"} that another command or copy wrote ${fresh === 1 ? "was" : "were"} taken over.`;
}

/** An append that fails half-way (no space) doesn't change the file. */
function appendWhole(file: string, line: string): void {
  const size = existsSync(file) ? statSync(file).size : 0;
  try {
    appendDurable(file, line);
  } catch (error) {
    if (existsSync(file)) truncateSync(file, size);
    throw error;
  }
}
