import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { LedgerEntry, LedgerHead } from "../../contract/ledger.ts";
import { type Catalogue, openCatalogue } from "../../foundation/catalogue/open.ts";
import { furthestHead } from "./head-tag.ts";
import { sealEntry } from "./ledger-entry.ts";
import { restoreHead } from "./restore-head.ts";
import { readHead } from "./store.ts";

let folder: string;
let catalogue: Catalogue;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-head-"));
  catalogue = openCatalogue(path.join(folder, "catalogue.sqlite"));
});
afterEach(() => {
  catalogue.close();
  rmSync(folder, { recursive: true, force: true });
});

const hash = (letter: string): string => letter.repeat(64);

function chain(length: number): readonly LedgerEntry[] {
  let head: LedgerHead = { entries: 0, hash: hash("0") };
  return Array.from({ length }, () => {
    const body = { runId: "r", modelName: "m", fromVersion: null, toVersion: "1", reason: "why", decisionIndex: null };
    const entry = sealEntry({ kind: "rollback", actor: "ada", body }, { head, at: new Date(0) });
    head = { entries: entry.index, hash: entry.hash };
    return entry;
  });
}

function restored(entries: readonly LedgerEntry[], known: LedgerHead | null): LedgerHead | null {
  catalogue.write((writer) => restoreHead(writer, entries, known));
  return readHead(catalogue);
}

it("the furthest head counts, by number and not by string; invalid tags are ignored", () => {
  const tags = [`9:${hash("a")}`, `10:${hash("b")}`, undefined, "11:short", "nonsense", `2:${hash("c")}`];
  expect(furthestHead(tags)).toEqual({ entries: 10, hash: hash("b") });
  expect(furthestHead([])).toBeNull();
});

it("the head of a ledger is its own if nothing contradicts it", () => {
  const entries = chain(3);
  const [, second, third] = entries;
  expect(restored(entries, null)).toEqual({ entries: 3, hash: third?.hash });
  expect(restored(entries, { entries: 2, hash: second?.hash ?? "" })).toEqual({ entries: 3, hash: third?.hash });
});

it("the head is the recorded one if that is longer or differs at the same length", () => {
  const entries = chain(2);
  expect(restored(entries, { entries: 2, hash: hash("f") })).toEqual({ entries: 2, hash: hash("f") });
  expect(restored(entries, { entries: 5, hash: hash("e") })).toEqual({ entries: 5, hash: hash("e") });
  // A later record of a shorter ledger doesn't undo that.
  expect(restored(entries, null)).toEqual({ entries: 5, hash: hash("e") });
});
