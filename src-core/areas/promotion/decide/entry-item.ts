import type { LedgerEntry } from "../../../contract/ledger.ts";
import type { CatalogueWriter } from "../../../foundation/catalogue/open.ts";
import { type NewItem, putIfMissing } from "../../outbox/store.ts";

export const entryKind = "ledger-entry";

/** That MLflow must hear of a ledger entry. What it was told is known by the hash: an entry of a ledger that was put back is another. */
export function entryItem({ hash, index, at, body }: LedgerEntry): NewItem {
  const { runId, modelName } = body;
  return { kind: entryKind, subject: hash, payload: { index, runId, modelName }, putAt: Date.parse(at) };
}

/**
 * Puts the entries that MLflow may not know, for a catalogue that lacks them: the decision of a run that didn't get past it, and a person's
 * move where it is the last of its model. The others were told before what followed them.
 * @param isUndecided whether a run's folder says that its decide stage didn't end
 */
export function restoreEntries(
  writer: CatalogueWriter,
  entries: readonly LedgerEntry[],
  isUndecided: (runId: string) => boolean,
): void {
  const lastMoves = new Map(entries.filter(isMove).map((entry) => [entry.body.modelName, entry.index]));
  for (const entry of entries) {
    const isOpen =
      entry.kind === "decision" ? isUndecided(entry.body.runId) : lastMoves.get(entry.body.modelName) === entry.index;
    if (isOpen) putIfMissing(writer, entryItem(entry));
  }
}

function isMove(entry: LedgerEntry): boolean {
  return (
    entry.kind !== "decision" || (entry.body.alias.after !== null && entry.body.alias.after !== entry.body.alias.before)
  );
}
