import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { decisionBody } from "../../../../test/support/decision-body.ts";
import type { LedgerEntry, LedgerHead } from "../../../contract/ledger.ts";
import { openCatalogue } from "../../../foundation/catalogue/open.ts";
import { emptyHead, sealEntry } from "../../ledger/ledger-entry.ts";
import { allItems, pendingItems } from "../../outbox/store.ts";
import { restoreEntries } from "./entry-item.ts";

function ledger(...bodies: readonly Parameters<typeof sealEntry>[0][]): readonly LedgerEntry[] {
  let head: LedgerHead = emptyHead;
  return bodies.map((it, at) => {
    const entry = sealEntry(it, { head, at: new Date(at) });
    head = { entries: entry.index, hash: entry.hash };
    return entry;
  });
}

const decision = (runId: string, after: string) => ({
  kind: "decision" as const,
  actor: "ada",
  body: decisionBody({ runId, modelName: "m", version: after, alias: { before: null, after }, useStages: false }),
});
const rollback = (modelName: string) => ({
  kind: "rollback" as const,
  actor: "ada",
  body: { runId: "r", modelName, fromVersion: "2", toVersion: "1", reason: "why", decisionIndex: null },
});

test("of a ledger that the outbox doesn't know only that is pending which may have got no further", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-entries-"));
  const catalogue = openCatalogue(path.join(folder, "catalogue.sqlite"));
  try {
    const entries = ledger(
      decision("decided", "1"),
      rollback("m"),
      decision("killed", "2"),
      rollback("other"),
      rollback("other"),
    );
    for (let twice = 0; twice < 2; twice++)
      catalogue.write((writer) => restoreEntries(writer, entries, (runId) => runId === "killed"));
    expect(pendingItems(catalogue).map(({ payload }) => payload.index)).toEqual([3, 5]);
    expect(allItems(catalogue)).toHaveLength(5);
  } finally {
    catalogue.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
