import type { LedgerEntry } from "../../../contract/ledger.ts";
import type { CatalogueWriter } from "../../../foundation/catalogue/open.ts";
import { type NewItem, restoreItem } from "../../outbox/store.ts";

export const entryKind = "ledger-entry";

/** That MLflow must hear of a ledger entry. What it was told is known by the hash: an entry of a ledger that was put back is another. */
export function entryItem({ hash, index, at, body }: LedgerEntry): NewItem {
  const { runId, modelName } = body;
  return { kind: entryKind, subject: hash, payload: { index, runId, modelName }, putAt: Date.parse(at) };
}

/**
 * Puts the rows of entries that the outbox lacks. MLflow may not know the decision of a run that got no further, and a person's move that is
 * the last of its model; the others were told before what followed them.
 * @param isUndecided whether a run's folder says that its decide stage didn't end
 */
export function restoreEntries(
  writer: CatalogueWriter,
  entries: readonly LedgerEntry[],
  isUndecided: (runId: string) => boolean,
): void {
  const lastMoves = new Map(entries.filter(isMove).map(({ body, index }) => [body.modelName, index]));
  for (const entry of entries) {
    const { runId, modelName } = entry.body;
    const isOpen = entry.kind === "decision" ? isUndecided(runId) : lastMoves.get(modelName) === entry.index;
    const item = entryItem(entry);
    restoreItem(writer, item, isOpen ? null : item.putAt);
  }
}

function isMove(entry: LedgerEntry): boolean {
  if (entry.kind !== "decision") return true;
  const { before, after } = entry.body.alias;
  return after !== null && after !== before;
}
